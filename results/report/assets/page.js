'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($('data').textContent);
  const designs = data.designs;
  document.body.classList.add('scripted');

  // Okabe and Ito 2008: told apart with any colour vision; shapes tell them apart in grey.
  const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#8a8a8a'];
  const shapes = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin', 'arrow', 'emptyCircle'];
  const most = 2000; // lines of the parallel figure: more are a blot

  const spelled = { mtj: 'MTJ', ecc: 'ECC', dram: 'DRAM', edp: 'EDP', tmr: 'TMR', sram: 'SRAM', sot: 'SOT', ra: 'RA' };
  const words = (name) => name.split('_').map((w) => spelled[w] || w).join(' ');
  const title = (c) => words(c.name) + (c.unit ? ' (' + c.unit + ')' : '');
  const find = (g, name) => g.columns.findIndex((c) => c.name === name);
  const digits = (v) => (typeof v === 'number' ? String(+v.toPrecision(4)) : String(v));
  const cell = (g, row, i) => {
    const v = row[i];
    return v === null || v === undefined ? '–' : g.columns[i].choices ? g.columns[i].choices[v] : digits(v);
  };
  const values = (g, i) => g.rows.map((r) => r[i]).filter((v) => v !== null);
  const varies = (i) => new Set(designs.rows.map((r) => r[i])).size > 1;
  const numbers = designs.columns.map((c, i) => i).filter((i) => !designs.columns[i].choices && designs.columns[i].kind !== 'label' && varies(i));
  const objectives = designs.columns.map((c, i) => i).filter((i) => designs.columns[i].kind === 'objective');
  const named = designs.columns.map((c, i) => i).filter((i) => designs.columns[i].choices && designs.columns[i].kind !== 'label' && varies(i) && designs.columns[i].choices.length <= colours.length);
  const charts = [];
  const chart = (id) => {
    const c = echarts.init($(id), null, { renderer: 'canvas' });
    charts.push(c);
    return c;
  };

  // What is selected: a set of rows by each figure; the table shows those in all.
  const chosen = { scatter: null, parallel: null };
  const rows = [...document.querySelectorAll('#designs tr[data-row]')];
  function show() {
    let n = 0;
    for (const tr of rows) {
      const row = Number(tr.dataset.row);
      const keep = Object.values(chosen).every((s) => s === null || s.has(row));
      tr.classList.toggle('out', !keep);
      n += keep;
    }
    $('count').textContent = n === rows.length ? `${n} designs` : `${n} of ${rows.length} designs`;
    document.body.dataset.selected = n;
  }

  function option(select, value, text) {
    const o = document.createElement('option');
    o.value = value;
    o.textContent = text;
    select.append(o);
  }

  function axis(column, all, log) {
    const positive = all.length > 0 && all.every((v) => v > 0);
    const a = { name: title(column), nameLocation: 'middle', nameGap: 32, scale: true, axisLabel: { formatter: digits, hideOverlap: true } };
    const least = all.reduce((x, y) => Math.min(x, y), Infinity);
    const largest = all.reduce((x, y) => Math.max(x, y), -Infinity);
    if (log && positive && largest > 8 * least) {
      return { ...a, type: 'log', min: least / 1.05, max: largest * 1.05, minorSplitLine: { show: false } };
    }
    if (!(largest > least)) return { ...a, type: 'value' };
    const margin = 0.04 * (largest - least);
    return { ...a, type: 'value', min: least - margin, max: largest + margin };
  }

  const scatter = chart('scatter');
  const groups = [designs, ...(data.others || [])];
  function drawScatter() {
    const x = designs.columns[$('x').value], y = designs.columns[$('y').value], by = $('colour').value;
    const log = $('scale').value === 'log';
    const series = [];
    const allX = [], allY = []; // of the designs: what stands beside does not flatten them
    groups.forEach((g, k) => {
      const i = find(g, x.name), j = find(g, y.name);
      if (i < 0 || j < 0) return;
      const column = k === 0 && by !== '' ? Number(by) : -1;
      const names = column < 0 ? [g.name] : designs.columns[column].choices;
      names.forEach((name, n) => {
        const points = [];
        g.rows.forEach((r, row) => {
          if (r[i] === null || r[j] === null || (column >= 0 && r[column] !== n)) return;
          points.push([r[i], r[j], row]);
          if (k === 0) {
            allX.push(r[i]);
            allY.push(r[j]);
          }
        });
        if (points.length === 0) return;
        const style = series.length % colours.length;
        series.push({
          type: 'scatter', name, data: points, group: k, symbol: shapes[style], clip: true, symbolSize: k === 0 ? 8 : 5, z: 3 - Math.min(k, 2),
          itemStyle: { color: colours[style], opacity: k === 0 ? 0.9 : 0.45 }, dimensions: [title(x), title(y), 'row'], encode: { x: 0, y: 1 }, progressive: 4000,
        });
      });
    });
    chosen.scatter = null;
    scatter.setOption({
      animation: false, aria: { enabled: true, label: { description: `${title(y)} over ${title(x)}` } },
      grid: { left: 70, right: 24, top: 40, bottom: 56 }, legend: { top: 4 },
      tooltip: {
        renderMode: 'richText',
        formatter: (p) => {
          const g = groups[series[p.seriesIndex].group], r = p.data[2];
          const lines = [[g.labels[r], g.name].filter(Boolean).join(', ')];
          for (const i of [find(g, 'id'), find(g, 'technology'), find(g, 'capacity'), find(g, x.name), find(g, y.name), ...objectives.map((o) => find(g, designs.columns[o].name))]) {
            if (i >= 0) lines.push(`${title(g.columns[i])}: ${cell(g, g.rows[r], i)}`);
          }
          return [...new Set(lines)].join('\n');
        },
      },
      xAxis: axis(x, allX, log), yAxis: { ...axis(y, allY, log), nameGap: 52 },
      toolbox: { show: false }, brush: { xAxisIndex: 0, yAxisIndex: 0, brushMode: 'single', throttleType: 'debounce', throttleDelay: 100, outOfBrush: { colorAlpha: 0.15 } },
      series,
    }, { notMerge: true });
    scatter.dispatchAction({ type: 'takeGlobalCursor', key: 'brush', brushOption: { brushType: 'rect', brushMode: 'single' } });
    show();
  }
  scatter.on('brushSelected', (e) => {
    const batch = e.batch[0];
    if (!batch || batch.areas.length === 0) {
      chosen.scatter = null;
    } else {
      chosen.scatter = new Set();
      const series = scatter.getOption().series;
      for (const s of batch.selected) {
        if (series[s.seriesIndex].group === 0) for (const i of s.dataIndex) chosen.scatter.add(series[s.seriesIndex].data[i][2]);
      }
    }
    show();
  });

  const parallel = chart('parallel');
  const free = designs.columns.map((c, i) => i).filter((i) => designs.columns[i].kind === 'parameter' && varies(i));
  const dims = [...objectives, ...free];
  const step = Math.ceil(designs.rows.length / most);
  const lines = designs.rows.map((r, i) => i).filter((i) => i % step === 0);
  function drawParallel() {
    const narrow = $('parallel').clientWidth < 700;
    const shown = narrow ? dims.slice(0, 5) : dims.slice(0, 14);
    chosen.parallel = null;
    parallel.setOption({
      animation: false, aria: { enabled: true, label: { description: 'Parallel coordinates of the designs' } },
      parallel: { left: 40, right: narrow ? 90 : 60, top: 96, bottom: 30, axisExpandable: false },
      parallelAxis: shown.map((i, dim) => {
        const c = designs.columns[i], all = values(designs, i);
        const base = { dim, name: title(c), nameRotate: 32, nameTruncate: { maxWidth: 160 }, nameTextStyle: { align: 'left', fontSize: 11 }, axisLabel: { fontSize: 10, formatter: digits }, areaSelectStyle: { width: 14 } };
        if (c.choices) return { ...base, type: 'category', data: c.choices, axisLabel: { fontSize: 10 } };
        const least = all.reduce((x, y) => Math.min(x, y), Infinity), largest = all.reduce((x, y) => Math.max(x, y), -Infinity);
        return least > 0 && largest > 20 * least ? { ...base, type: 'log', min: least, max: largest } : { ...base, type: 'value', min: least, max: largest };
      }),
      series: [{
        type: 'parallel', lineStyle: { color: colours[0], width: 1, opacity: lines.length > 300 ? 0.15 : 0.45 }, inactiveOpacity: 0.03, activeOpacity: 0.8,
        data: lines.map((r) => shown.map((i) => {
          const v = designs.rows[r][i];
          return v === null ? '-' : v;
        })),
      }],
    }, { notMerge: true });
    show();
  }
  parallel.on('axisareaselected', () => {
    const active = parallel.getModel().getSeriesByIndex(0).getRawIndicesByActiveState('active');
    const any = parallel.getModel().queryComponents({ mainType: 'parallelAxis' }).some((a) => a.activeIntervals && a.activeIntervals.length > 0);
    chosen.parallel = any ? new Set(active.map((i) => lines[i])) : null;
    show();
  });

  function drawParts() {
    const g = data.parts;
    const col = (name) => find(g, name);
    const design = col('design'), of = col('of'), cause = col('cause'), value = col('value'), unit = col('unit');
    if (Math.min(design, of, cause, value) < 0) return;
    const name = (r, i) => g.columns[i].choices[r[i]];
    const names = [...new Set(g.rows.map((r) => name(r, design)))];
    const kinds = [...new Set(g.rows.map((r) => name(r, of)))];
    const c = chart('parts');
    const width = 100 / kinds.length;
    const causes = [...new Set(g.rows.map((r) => name(r, cause)))].filter((n) => n !== 'total');
    const series = [];
    kinds.forEach((kind, k) => {
      causes.forEach((what, n) => {
        const bars = names.map((d) => {
          const r = g.rows.find((row) => name(row, design) === d && name(row, of) === kind && name(row, cause) === what);
          return r ? r[value] : null;
        });
        if (bars.every((v) => v === null || v === 0)) return;
        series.push({ type: 'bar', name: what, stack: kind, xAxisIndex: k, yAxisIndex: k, data: bars, itemStyle: { color: colours[n % colours.length], decal: n >= colours.length ? { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4 } : undefined } });
      });
    });
    const prefixes = [['', 1], ['m', 1e-3], ['\u00b5', 1e-6], ['n', 1e-9], ['p', 1e-12]];
    const units = kinds.map((kind, k) => {
      const largest = Math.max(...g.rows.filter((r) => name(r, of) === kind).map((r) => r[value] || 0));
      const [prefix, factor] = prefixes.find(([, f]) => largest >= f) || prefixes[0];
      for (const s of series) if (s.xAxisIndex === k) s.data = s.data.map((v) => (v === null ? null : v / factor));
      return prefix + (unit < 0 ? '' : name(g.rows.find((r) => name(r, of) === kind), unit));
    });
    const room = $('parts').clientWidth, wide = room >= 640;
    c.setOption({
      animation: false, aria: { enabled: true, label: { description: 'Energy and time by cause' } },
      legend: { type: wide ? 'plain' : 'scroll', top: 0 },
      tooltip: { renderMode: 'richText', formatter: (p) => `${p.name}\n${p.seriesName}: ${digits(p.value)}` },
      grid: kinds.map((kind, k) => ({ left: `${k * width + 7}%`, width: `${width - 9}%`, top: wide ? (room < 900 ? 112 : 88) : 66, bottom: 78 })),
      xAxis: kinds.map((kind, k) => ({ gridIndex: k, type: 'category', data: names, axisLabel: { interval: 0, rotate: 24, fontSize: 11, width: 110, overflow: 'truncate' } })),
      yAxis: kinds.map((kind, k) => ({ gridIndex: k, type: 'value', name: `${kind} (${units[k]})`, nameTextStyle: { align: 'left' }, axisLabel: { formatter: digits } })),
      series,
    });
  }

  function drawProgress() {
    const g = data.progress, shard = find(g, 'shard'), at = find(g, 'evaluations'), hv = find(g, 'hypervolume');
    if (Math.min(shard, at, hv) < 0) return;
    const c = chart('progress');
    c.setOption({
      animation: false, aria: { enabled: true, label: { description: 'Hypervolume over evaluations' } },
      grid: { left: 70, right: 24, top: 40, bottom: 50 }, legend: { top: 4, type: 'scroll' }, tooltip: { renderMode: 'richText', trigger: 'axis' },
      xAxis: axis({ name: 'evaluations' }, values(g, at), false), yAxis: { ...axis({ name: 'hypervolume' }, values(g, hv), false), nameGap: 52 },
      series: g.columns[shard].choices.map((name, n) => ({
        type: 'line', name, showSymbol: false, lineStyle: { color: colours[n % colours.length] }, itemStyle: { color: colours[n % colours.length] },
        data: g.rows.filter((r) => r[shard] === n && r[hv] !== null).map((r) => [r[at], r[hv]]),
      })),
    });
  }

  const choices = [...objectives, ...numbers.filter((n) => !objectives.includes(n))];
  for (const i of choices) {
    option($('x'), i, title(designs.columns[i]));
    option($('y'), i, title(designs.columns[i]));
  }
  option($('colour'), '', 'none');
  for (const i of named) option($('colour'), i, title(designs.columns[i]));
  const area = find(designs, 'area');
  $('x').value = choices.includes(area) ? area : choices[choices.length - 1];
  $('y').value = choices.find((i) => i !== Number($('x').value)) ?? choices[0];
  const technology = find(designs, 'technology');
  if (named.includes(technology)) $('colour').value = technology;
  for (const id of ['x', 'y', 'colour', 'scale']) $(id).addEventListener('change', drawScatter);
  $('clear').addEventListener('click', () => {
    scatter.dispatchAction({ type: 'brush', areas: [] });
    drawParallel();
    chosen.scatter = null;
    show();
  });
  drawScatter();
  drawParallel();
  if (data.parts) drawParts();
  if (data.progress) drawProgress();
  const resize = () => charts.forEach((c) => c.resize());
  window.addEventListener('resize', resize);
  window.addEventListener('beforeprint', resize);
  window.report = { scatter, parallel };
  document.body.dataset.drawn = 'yes';
})();
