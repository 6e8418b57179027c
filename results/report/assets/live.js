'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const kept = ['x', 'y', 'colour', 'scale'];
  // What was chosen in the page stays chosen when it is loaded anew.
  for (const id of kept) {
    const select = $(id), was = sessionStorage.getItem(id);
    if (!select) continue;
    if (was !== null && [...select.options].some((o) => o.value === was) && select.value !== was) {
      select.value = was;
      select.dispatchEvent(new Event('change'));
    }
    select.addEventListener('change', () => sessionStorage.setItem(id, select.value));
  }
  const shown = document.body.dataset.version;
  const brushed = () => document.querySelector('#designs tr.out') !== null;
  const events = new EventSource('/events');
  let said = '';
  events.addEventListener('progress', (e) => {
    said = JSON.parse(e.data).text;
    $('live').textContent = said;
  });
  // Newer designs replace those in the page, unless some of these are selected.
  events.addEventListener('page', (e) => {
    if (e.data === shown) return;
    if (brushed()) {
      $('newer').hidden = false;
      return;
    }
    location.reload();
  });
  $('newer').addEventListener('click', () => location.reload());
  events.addEventListener('error', () => {
    $('live').textContent = (said ? said + ' — ' : '') + 'stco serve does not answer: this is what it said last';
  });
  document.body.dataset.live = 'yes';
})();
