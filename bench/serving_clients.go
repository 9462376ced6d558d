package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// start starts the server and waits for its address.
func (b *servingBench) start(ctx context.Context, program, file string) error {
	b.server = exec.CommandContext(ctx, program, "serve", "bench="+file, "--listen", "127.0.0.1:0", "--log", "off")
	b.server.Cancel = func() error { return b.server.Process.Signal(syscall.SIGTERM) }
	b.server.Stderr = &b.log
	out, err := b.server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := b.server.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.server.Wait()
		return fmt.Errorf("%s serve: %s", program, strings.TrimSpace(b.log.String()))
	}
	b.url = strings.TrimSpace(line)
	b.client.Transport = &http.Transport{MaxIdleConnsPerHost: b.streams}
	return nil
}

func (b *servingBench) stop() error {
	b.client.CloseIdleConnections()
	b.server.Process.Signal(syscall.SIGTERM)
	return b.server.Wait()
}

// errBusy is an answer 429: there is too much to do now.
var errBusy = errors.New("the server has too much to do")

// post sends a request for completions.
func (b *servingBench) post(ctx context.Context, request string) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, "POST", b.url+"/v1/completions", strings.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := b.client.Do(r)
	if err != nil {
		return nil, err
	}
	if a.StatusCode == http.StatusOK {
		return a.Body, nil
	}
	defer a.Body.Close()
	if a.StatusCode == http.StatusTooManyRequests {
		return nil, errBusy
	}
	text, _ := io.ReadAll(io.LimitReader(a.Body, 500))
	return nil, fmt.Errorf("status %d: %s", a.StatusCode, text)
}

// ask returns a whole answer.
func (b *servingBench) ask(ctx context.Context, request string) ([]byte, error) {
	body, err := b.post(ctx, request)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// discard reads an answer to its end, as cheaply as can be.
func (b *servingBench) discard(ctx context.Context, request string) error {
	body, err := b.post(ctx, request)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(io.Discard, body)
	return err
}

// listen reads a stream, appends to waits how long each event took after the one before, and returns the text.
func (b *servingBench) listen(ctx context.Context, request string, waits *[]time.Duration) (string, error) {
	body, err := b.post(ctx, request)
	if err != nil {
		return "", err
	}
	defer body.Close()
	var text strings.Builder
	var last time.Time
	for lines := bufio.NewReader(body); ; {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return "", fmt.Errorf("a stream breaks off: %w", err)
		}
		event, ok := bytes.CutPrefix(line, []byte("data: "))
		if !ok {
			continue
		}
		if bytes.HasPrefix(event, []byte("[DONE]")) {
			_, err := io.Copy(io.Discard, lines)
			return text.String(), err
		}
		now := time.Now()
		if !last.IsZero() {
			*waits = append(*waits, now.Sub(last))
		}
		last = now
		part, err := textOf(event)
		if err != nil {
			return "", err
		}
		text.WriteString(part)
	}
}

// textOf returns the text of an event. It does not read the whole event, since clients and server share the processor.
func textOf(event []byte) (text string, err error) {
	start := []byte(`"text":`)
	i := bytes.Index(event, start)
	if i < 0 {
		return "", fmt.Errorf("an event without text: %.200s", event)
	}
	err = json.NewDecoder(bytes.NewReader(event[i+len(start):])).Decode(&text)
	return text, err
}

// quoted returns a text as it stands in an answer.
func quoted(text string) []byte {
	data, _ := json.Marshal(text) // a string can always be written
	return append([]byte(`"text":`), data...)
}

// metric returns a number of /metrics.
func (b *servingBench) metric(ctx context.Context, name string) (float64, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", b.url+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	a, err := b.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer a.Body.Close()
	for lines := bufio.NewScanner(a.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("/metrics has no %s on this system", name)
}

// highest returns the highest value that a metric has until end, asking each second.
func (b *servingBench) highest(ctx context.Context, name string, end time.Time) (most float64) {
	for ctx.Err() == nil && time.Now().Before(end) {
		if value, err := b.metric(ctx, name); err == nil {
			most = max(most, value)
		}
		time.Sleep(time.Second)
	}
	return most
}
