package serve

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what /metrics tells. The names of Prometheus are in docs/serving.md.
type metrics struct {
	registry *prometheus.Registry

	requests *prometheus.CounterVec // by route and status
	seconds  *prometheus.HistogramVec
	symbols  *prometheus.CounterVec // by model and what was done: read, written, scored
	first    *prometheus.HistogramVec
	queued   *prometheus.HistogramVec
	reloads  *prometheus.CounterVec // by result
}

// waits are the bounds of times to wait, in seconds: a symbol takes some 20 µs, a long queue some seconds.
var waits = prometheus.ExponentialBuckets(0.0005, 2, 16) // 0.5 ms to 16 s

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "elman_requests_total", Help: "Requests answered."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "elman_request_seconds", Help: "Time from the head of a request to the end of its answer.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 18)}, []string{"route"}),
		symbols: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "elman_symbols_total", Help: "Symbols read from prompts, written and scored."}, []string{"model", "kind"}),
		first:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "elman_first_symbol_seconds", Help: "Time from a request to its first symbol.", Buckets: waits}, []string{"model"}),
		queued:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "elman_queue_seconds", Help: "Time that a text waited for its turn.", Buckets: waits}, []string{"model"}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "elman_reloads_total", Help: "Reloads of the models."}, []string{"result"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.symbols, m.first, m.queued, m.reloads,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &modelCollector{s})
	for _, result := range []string{"ok", "failed"} {
		m.reloads.WithLabelValues(result)
	}
	return m
}

func (m *metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// forget forgets a model that comes no more: there may be any number of those, one after the other.
func (m *metrics) forget(model string) {
	labels := prometheus.Labels{"model": model}
	m.symbols.DeletePartialMatch(labels)
	m.first.DeletePartialMatch(labels)
	m.queued.DeletePartialMatch(labels)
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// A modelCollector tells how it stands with the models when it is asked.
type modelCollector struct{ s *Server }

var (
	rowsRunning = prometheus.NewDesc("elman_rows_running", "Texts that are being written.", []string{"model"}, nil)
	rowsWaiting = prometheus.NewDesc("elman_rows_waiting", "Texts that wait for their turn.", []string{"model"}, nil)
	modelInfo   = prometheus.NewDesc("elman_model_info", "1 for each model, with the hash of its weights.", []string{"model", "hash"}, nil)
	requestsRun = prometheus.NewDesc("elman_requests_running", "Requests that are being answered.", nil, nil)
	statesKept  = prometheus.NewDesc("elman_states", "States kept between requests.", nil, nil)
	connections = prometheus.NewDesc("elman_connections", "Open connections.", nil, nil)
	poolTasks   = prometheus.NewDesc("elman_scoring", "Requests to score or predict that run or wait.", nil, nil)
)

func (c *modelCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{rowsRunning, rowsWaiting, modelInfo, requestsRun, statesKept, connections, poolTasks} {
		to <- d
	}
}

func (c *modelCollector) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for _, m := range c.s.models.list() {
		stats := m.engine.Stats()
		gauge(rowsRunning, float64(stats.Running), m.name)
		gauge(rowsWaiting, float64(stats.Waiting), m.name)
		gauge(modelInfo, 1, m.name, m.hash)
	}
	gauge(requestsRun, float64(c.s.running.Load()))
	gauge(statesKept, float64(c.s.states.len()))
	gauge(connections, float64(c.s.connections.Load()))
	gauge(poolTasks, float64(c.s.pool.len()))
}
