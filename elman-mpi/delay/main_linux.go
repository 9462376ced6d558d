// Command delay is a network switch whose frames arrive late, for measurements of what latency costs:
//
//	delay 5ms em1 em2 em3
//
// It makes a network device of each name and passes every frame on after this time, in its order. Move the devices into network
// namespaces once they are there; it ends with its standard input. Only root may make devices.
package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A frame is on its way since some time.
type frame struct {
	data []byte
	at   time.Time
}

// A port is a device, and the frames that are on their way to it.
type port struct {
	file *os.File
	late chan frame
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "delay:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("wants a time and at least two devices: delay 5ms em1 em2")
	}
	delay, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	var ports []*port
	for _, name := range args[1:] {
		file, err := open(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		ports = append(ports, &port{file, make(chan frame, 1<<16)})
	}
	s := &table{at: map[[6]byte]*port{}}
	for _, p := range ports {
		go s.read(p, ports)
		go p.write(delay)
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// open makes a device.
func open(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		return nil, err
	}
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// A table knows which addresses are behind which port.
type table struct {
	sync.Mutex
	at map[[6]byte]*port
}

// read takes frames from a port and passes them on: to the port of the address, to all where it is not known.
func (s *table) read(from *port, all []*port) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.file.Read(buffer)
		if err != nil || n < 14 {
			continue
		}
		f := frame{append([]byte(nil), buffer[:n]...), time.Now()}
		s.Lock()
		s.at[[6]byte(f.data[6:])] = from
		to := s.at[[6]byte(f.data)]
		s.Unlock()
		for _, p := range all {
			if p != from && (to == nil || to == p) {
				p.late <- f
			}
		}
	}
}

// write delivers frames when their time has come.
func (p *port) write(delay time.Duration) {
	for f := range p.late {
		time.Sleep(time.Until(f.at.Add(delay)))
		p.file.Write(f.data)
	}
}
