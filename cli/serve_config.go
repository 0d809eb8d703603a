package cli

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"aegis/internal/keys"
	"aegis/serve/http"
)

// serveConfig is a checked configuration of a server.
type serveConfig struct {
	Config
	serving         http.Config
	address         *net.TCPAddr
	admin           *net.TCPAddr // nil for none
	tlsCert, tlsKey string
	noAuth          bool
	keysFile        string // "" for none
	listed          []*keys.Key
	jobsFile        string // "" unless jobs are to run
}

// serveConfig reads and checks everything that a server needs.
func (s *settings) serveConfig() (c serveConfig, err error) {
	if c.Config, err = s.config(); err != nil {
		return c, err
	}
	for _, step := range []func(*serveConfig) error{
		s.readListen, s.readAdmin, s.readTLS, s.readExposed, s.readNames, s.readRates, s.readState, s.readKeys, s.readAutomation,
	} {
		if err := step(&c); err != nil {
			return c, err
		}
	}
	c.serving.Longest = 4 * (c.Timeout + c.AskTimeout) // the human is asked three times at most
	return c, nil
}

// text is a setting's value and where it comes from, or a placeholder's error.
func (s *settings) text(name string) (value, source string, err error) {
	if value, source, err = s.value(name); err != nil {
		err = &failure{exitUsage, err}
	}
	return value, source, err
}

func (s *settings) readListen(c *serveConfig) error {
	address, source, err := s.text(listen)
	if err != nil {
		return err
	}
	if address == "" {
		at, from, err := s.text(listenHost)
		if err != nil {
			return err
		}
		port, fromPort, err := s.text(listenPort)
		if err != nil {
			return err
		}
		if source = from; from == "" {
			source = fromPort
		}
		if at == "" {
			at = "127.0.0.1"
		}
		if port == "" {
			port = "8080"
		}
		address = net.JoinHostPort(strings.Trim(at, "[]"), port)
	}
	if c.address, err = net.ResolveTCPAddr("tcp", address); err != nil {
		return wrong(source, "%q is no address to listen at; write it like 127.0.0.1:8080", address)
	}
	return nil
}

func (s *settings) readTLS(c *serveConfig) (err error) {
	if c.tlsCert, _, err = s.text(tlsCert); err != nil {
		return err
	}
	if c.tlsKey, _, err = s.text(tlsKey); err != nil {
		return err
	}
	if (c.tlsCert == "") != (c.tlsKey == "") {
		return wrong(names(tlsCert)+" and "+names(tlsKey), "TLS takes both, the certificate and its key")
	}
	return nil
}

// readExposed refuses to serve others in the clear, or everybody, unless that is said.
func (s *settings) readExposed(c *serveConfig) error {
	allowed, err := s.flag(insecureBind)
	if err != nil {
		return err
	}
	if c.noAuth, err = s.flag(noAuth); err != nil {
		return err
	}
	loopback := c.address.IP.IsLoopback() // the zero address is every one
	switch {
	case c.noAuth && !loopback:
		return wrong("--"+noAuth, "serves whoever asks, so it is for loopback alone; %s is not", c.address)
	case !loopback && c.tlsCert == "" && !allowed:
		return wrong(names(listen), "%s is reached from other machines, and keys would travel in the clear; give %s and %s, or allow it with %s where a proxy has TLS",
			c.address, names(tlsCert), names(tlsKey), names(insecureBind))
	}
	return nil
}

// readKeys finds out where keys are from.
func (s *settings) readKeys(c *serveConfig) error {
	if c.noAuth {
		return nil
	}
	list, _, err := s.text(apiKeys)
	if err != nil {
		return err
	}
	var warning string
	if c.listed, warning, err = keys.Listed(list); err != nil {
		return &failure{exitUsage, err}
	}
	if warning != "" {
		c.Warnings = append(c.Warnings, warning)
	}
	for each := range strings.SplitSeq(list, ",") { // whoever repeats one
		if each = strings.TrimSpace(each); each != "" {
			c.Secrets = append(c.Secrets, each)
		}
	}
	if c.keysFile, err = s.keysFileName(); err != nil {
		return err
	}
	given, _, _ := s.value(keysFile)
	if _, err := os.Lstat(c.keysFile); given == "" && errors.Is(err, fs.ErrNotExist) {
		if c.keysFile = ""; c.listed == nil {
			return wrong(names(keysFile), "there are no keys; \"aegis keys add NAME\" makes one and the file")
		}
	}
	return nil
}

// list is the values of a setting that may be given more than once.
func (s *settings) list(name string) (all []string, source string, err error) {
	if s.flags.Changed(name) {
		all, _ = s.flags.GetStringArray(name)
		return all, allSettings[name].source(""), nil
	}
	raw, source, err := s.text(name)
	for _, each := range strings.Split(raw, ",") {
		if each = strings.TrimSpace(each); each != "" {
			all = append(all, each)
		}
	}
	return all, source, err
}

func (s *settings) readNames(c *serveConfig) error {
	hosts, source, err := s.list(host)
	if err != nil {
		return err
	}
	for _, name := range hosts {
		if name == "" || strings.ContainsAny(name, "/:*?@ ") {
			return wrong(source, "%q is no host name; write it without scheme, port and pattern", name)
		}
		c.serving.Hosts = append(c.serving.Hosts, strings.ToLower(strings.TrimSuffix(name, ".")))
	}
	proxies, source, err := s.list(trustedProxy)
	if err != nil {
		return err
	}
	for _, text := range proxies {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			var at netip.Addr
			if at, err = netip.ParseAddr(text); err == nil {
				network = netip.PrefixFrom(at.Unmap().WithZone(""), at.Unmap().BitLen())
			}
		}
		if err != nil {
			return wrong(source, "%q is no network; write it like 10.0.0.0/8", text)
		}
		if network.Bits() == 0 {
			return wrong(source, "%q is everybody, who then could say where they come from", text)
		}
		c.serving.Proxies = append(c.serving.Proxies, network.Masked())
	}
	return nil
}

func (s *settings) readRates(c *serveConfig) (err error) {
	number := func(name string, otherwise, least int) (n int, err error) {
		raw, source, err := s.text(name)
		if err != nil || raw == "" {
			return otherwise, err
		}
		if n, err = strconv.Atoi(raw); err != nil || n < least || n > 1_000_000 {
			return 0, wrong(source, "%q is no number from %d to 1000000", raw, least)
		}
		return n, nil
	}
	if c.serving.RateByAddress, err = number(ratePerIP, 0, 0); err != nil {
		return err
	}
	if c.serving.RateByKey, err = number(ratePerKey, 600, 0); err != nil {
		return err
	}
	if c.serving.MaxFailures, err = number(maxFailures, 5, 1); err != nil {
		return err
	}
	if c.serving.FailureWindow, err = s.span(failureWindow, 5*time.Minute, time.Second, 24*time.Hour); err != nil {
		return err
	}
	return s.readDrain(c)
}

func (s *settings) readDrain(c *serveConfig) (err error) {
	c.serving.Drain, err = s.span(drain, 10*time.Second, time.Millisecond, time.Hour)
	return err
}

// span is a time, written like 30s or as a number of seconds.
func (s *settings) span(name string, otherwise, least, most time.Duration) (time.Duration, error) {
	raw, source, err := s.text(name)
	if err != nil || raw == "" {
		return otherwise, err
	}
	span, err := time.ParseDuration(raw)
	if seconds, bad := strconv.Atoi(raw); bad == nil {
		span, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || span < least || span > most {
		return 0, wrong(source, "%q is no time between %s and %s; write it like 30s", raw, least, most)
	}
	return span, nil
}

func (s *settings) readState(c *serveConfig) error {
	file, _, err := s.text(stateFile)
	if err != nil {
		return err
	}
	if file == "" {
		folder, err := s.stateFolder()
		if err != nil {
			return err
		}
		file = filepath.Join(folder, "state.db")
	}
	c.State = file
	return nil
}
