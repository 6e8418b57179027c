package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser starts Chromium. Without one the test is skipped, in CI it fails.
func browser(t *testing.T, width, height int) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium")
		}
		t.Skip("no chromium: the page is not looked at")
	}
	o := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(width, height))
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, o...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	return ctx
}

// observed is what a page said or asked for.
type observed struct {
	sync.Mutex
	said, asked []string
}

// open loads a page and waits until it has drawn.
func open(ctx context.Context, t *testing.T, p *Page) *observed {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(write(t, p)), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := &observed{}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	err := chromedp.Listen(ctx, func(ev any) {
		seen.Lock()
		defer seen.Unlock()
		switch e := ev.(type) {
		case *runtime.EventConsoleAPICalled, *runtime.EventExceptionThrown, *log.EventEntryAdded:
			seen.said = append(seen.said, fmt.Sprintf("%+v", e))
		case *network.EventRequestWillBeSent:
			seen.asked = append(seen.asked, e.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+path)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("document.body.dataset.drawn === 'yes'", chromedp.WithPollingTimeout(time.Minute))); err != nil {
		t.Fatal(err, seen.said)
	}
	return seen
}

func value[T any](ctx context.Context, t *testing.T, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return v
}

// until waits for a condition of the page.
func until(ctx context.Context, t *testing.T, script string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](script, chromedp.WithPollingTimeout(30*time.Second))); err != nil {
		t.Fatalf("%s: %v; %s designs", script, err, value[string](ctx, t, "document.body.dataset.selected"))
	}
}

// TestPage opens the page in a browser: it draws, says nothing to the console,
// asks for no other file; dragging over a figure keeps in the table the designs
// that lie there, and only these.
func TestPage(t *testing.T) {
	ctx := browser(t, 1280, 1400)
	const n = 100
	seen := open(ctx, t, sample(n))
	if got := value[string](ctx, t, "document.getElementById('count').textContent"); got != "100 designs" {
		t.Error(got)
	}
	if got := value[int](ctx, t, "document.querySelectorAll('canvas').length"); got < 4 {
		t.Errorf("%d figures", got)
	}
	// Areas are 1 to 100 on the horizontal axis: a rectangle from 10.5 to 20.5 over
	// the whole height holds ten designs.
	place := func(area float64, edge string) (x, y float64) {
		x = value[float64](ctx, t, fmt.Sprintf("document.getElementById('scatter').getBoundingClientRect().x + report.scatter.convertToPixel({xAxisIndex: 0}, %v)", area))
		y = value[float64](ctx, t, "(() => { const r = document.getElementById('scatter').getBoundingClientRect(); return "+edge+"; })()")
		return x, y
	}
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void]("void document.getElementById('scatter').scrollIntoView()")); err != nil {
		t.Fatal(err)
	}
	x0, y0 := place(10.5, "r.y + 42")
	x1, y1 := place(20.5, "r.bottom - 60")
	if err := chromedp.Do(ctx, chromedp.DragAndDropXY(x0, y0, x1, y1)); err != nil {
		t.Fatal(err)
	}
	until(ctx, t, "document.body.dataset.selected === '10'")
	shown := value[string](ctx, t, "[...document.querySelectorAll('#designs tr[data-row]:not(.out)')].map((r) => r.dataset.row).join()")
	if shown != "10,11,12,13,14,15,16,17,18,19" {
		t.Errorf("rows %s", shown)
	}
	// Then the upper half of the first parallel axis.
	if err := chromedp.Do(ctx, chromedp.Click("#clear")); err != nil {
		t.Fatal(err)
	}
	until(ctx, t, "document.body.dataset.selected === '100'")
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void]("void document.getElementById('parallel').scrollIntoView()")); err != nil {
		t.Fatal(err)
	}
	// Energies are 5/i mJ on a logarithmic axis from 0.05 to 5 mJ: above its middle, 0.5 mJ, lie the first nine.
	left := value[float64](ctx, t, "document.getElementById('parallel').getBoundingClientRect().x + 40")
	top := value[float64](ctx, t, "document.getElementById('parallel').getBoundingClientRect().y + 96")
	height := value[float64](ctx, t, "document.getElementById('parallel').clientHeight - 126")
	if err := chromedp.Do(ctx, chromedp.DragAndDropXY(left, top+2, left, top+height*0.49)); err != nil {
		t.Fatal(err)
	}
	until(ctx, t, "Number(document.body.dataset.selected) > 0 && Number(document.body.dataset.selected) < 100")
	shown = value[string](ctx, t, "[...document.querySelectorAll('#designs tr[data-row]:not(.out)')].map((r) => r.dataset.row).join()")
	if !regexp.MustCompile(`^(0,)?1,2,3,4,5,6,7(,8)?(,9)?$`).MatchString(shown) {
		t.Errorf("rows %s", shown)
	}
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF())
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Error(err)
	}
	seen.Lock()
	defer seen.Unlock()
	if len(seen.said) > 0 {
		t.Errorf("the console says %v", seen.said)
	}
	if len(seen.asked) != 1 {
		t.Errorf("asks for %v", seen.asked)
	}
}

// TestManyDesigns: 20,000 designs are drawn, and another axis within a second or
// what the first drawing took.
func TestManyDesigns(t *testing.T) {
	ctx := browser(t, 1280, 1400)
	begun := time.Now()
	open(ctx, t, sample(20000))
	first := time.Since(begun)
	begun = time.Now()
	value[bool](ctx, t, "(() => { const y = document.getElementById('y'); y.selectedIndex = 1; y.dispatchEvent(new Event('change')); return true; })()")
	if d := time.Since(begun); d > max(time.Second, first) {
		t.Errorf("another axis takes %v, the page %v", d, first)
	}
	if got := value[string](ctx, t, "document.getElementById('count').textContent"); got != "20000 designs" {
		t.Error(got)
	}
}

// TestNarrow: on a telephone nothing but tables is wider than the page.
func TestNarrow(t *testing.T) {
	ctx := browser(t, 400, 800)
	open(ctx, t, sample(50))
	if w := value[int](ctx, t, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); w > 0 {
		t.Errorf("%d pixels too wide", w)
	}
}
