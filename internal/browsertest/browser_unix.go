//go:build unix

// Package browsertest shows a page in a real browser, headless, and asks it what it shows.
//
// The browser is Chromium, spoken to over a pipe in its DevTools protocol. It finds no host
// by any name. Without one a test is NOT RUN, and says so.
package browsertest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"
)

// View is how a page is looked at.
type View struct {
	Width, Height int
	Dark          bool
}

// Page is a page that a browser shows.
type Page struct {
	t        testing.TB
	to       io.Writer
	from     *bufio.Reader
	session  string
	asked    int
	Requests []string // addresses that were asked for, the page's own among them
	Messages []string // what the browser complained of
}

// Open shows a file in a browser that ends with the test. If there is none here, the test
// is skipped.
func Open(t testing.TB, file string, view View) *Page {
	t.Helper()
	p := &Page{t: t}
	p.start()
	p.attach()
	for _, domain := range []string{"Page", "Network", "Log", "Runtime"} {
		p.ask(domain+".enable", nil)
	}
	p.ask("Emulation.setDeviceMetricsOverride", map[string]any{"width": view.Width, "height": view.Height, "deviceScaleFactor": 1, "mobile": view.Width < 600})
	scheme := "light"
	if view.Dark {
		scheme = "dark"
	}
	p.ask("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}})
	p.ask("Page.navigate", map[string]any{"url": (&url.URL{Scheme: "file", Path: file}).String()})
	for p.next().Method != "Page.loadEventFired" {
	}
	return p
}

// start starts a browser with a pipe to and from it: its file descriptors 3 and 4.
func (p *Page) start() {
	p.t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && program == "" {
			program = found
		}
	}
	if program == "" {
		p.t.Skip("NOT RUN: there is no Chromium here (Debian's package chromium)")
	}
	theirs, to, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	from, answers, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	args := []string{
		"--headless", "--remote-debugging-pipe", "--user-data-dir=" + p.t.TempDir(), "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // which it can't have as root
	}
	browser := exec.Command(program, args...)
	browser.ExtraFiles = []*os.File{theirs, answers}
	var said bytes.Buffer
	browser.Stderr = &said
	if err := browser.Start(); err != nil {
		p.t.Fatal(err)
	}
	_, _ = theirs.Close(), answers.Close()
	late := time.AfterFunc(2*time.Minute, func() { _ = browser.Process.Kill() })
	p.t.Cleanup(func() {
		late.Stop()
		_, _ = to.Write([]byte(`{"id":0,"method":"Browser.close"}` + "\x00"))
		killed := time.AfterFunc(10*time.Second, func() { _ = browser.Process.Kill() })
		_ = browser.Wait()
		killed.Stop()
		_, _ = to.Close(), from.Close()
		if p.t.Failed() {
			p.t.Logf("%s said: %.500s", program, said.String())
		}
	})
	p.to, p.from = to, bufio.NewReader(from)
}

func (p *Page) attach() {
	var target struct{ TargetID string }
	p.answer(p.ask("Target.createTarget", map[string]any{"url": "about:blank"}), &target)
	var session struct{ SessionID string }
	p.answer(p.ask("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}), &session)
	p.session = session.SessionID
}

// message is what comes from the browser: an answer, or an event.
type message struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// next is the next message. What it tells of requests and complaints is kept.
func (p *Page) next() (m message) {
	p.t.Helper()
	raw, err := p.from.ReadBytes(0)
	if err == nil {
		err = json.Unmarshal(bytes.TrimSuffix(raw, []byte{0}), &m)
	}
	if err != nil {
		p.t.Fatalf("the browser's answer: %v", err)
	}
	switch m.Method {
	case "Network.requestWillBeSent":
		var sent struct{ Request struct{ URL string } }
		p.answer(m.Params, &sent)
		p.Requests = append(p.Requests, sent.Request.URL)
	case "Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled":
		p.Messages = append(p.Messages, string(m.Params))
	}
	return m
}

func (p *Page) ask(method string, params map[string]any) json.RawMessage {
	p.t.Helper()
	p.asked++
	asked := map[string]any{"id": p.asked, "method": method}
	if params != nil {
		asked["params"] = params
	}
	if p.session != "" {
		asked["sessionId"] = p.session
	}
	raw, err := json.Marshal(asked)
	if err == nil {
		_, err = p.to.Write(append(raw, 0))
	}
	if err != nil {
		p.t.Fatalf("%s: %v", method, err)
	}
	for {
		m := p.next()
		if m.ID != p.asked {
			continue
		}
		if m.Error != nil {
			p.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		return m.Result
	}
}

func (p *Page) answer(raw json.RawMessage, into any) {
	p.t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		p.t.Fatalf("%s: %v", raw, err)
	}
}

// Eval asks the page for the value of an expression in JavaScript.
func (p *Page) Eval(expression string, into any) {
	p.t.Helper()
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	p.answer(p.ask("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}), &got)
	if got.ExceptionDetails != nil {
		p.t.Fatalf("%s: %s", expression, got.ExceptionDetails)
	}
	p.answer(got.Result.Value, into)
}

// Screenshot is what of the page is seen, as PNG.
func (p *Page) Screenshot() []byte {
	p.t.Helper()
	var shot struct{ Data string }
	p.answer(p.ask("Page.captureScreenshot", map[string]any{"format": "png"}), &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		p.t.Fatal(fmt.Errorf("the screenshot: %w", err))
	}
	return png
}
