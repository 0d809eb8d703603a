package policy

import (
	"fmt"
	"slices"
	"time"
)

// settings are the differences of what holds for whole sessions.
func settings(old, now *Policy) (all []Difference) {
	add := func(what string, was, is any, widens bool) {
		if was != is {
			all = append(all, Difference{Setting: fmt.Sprintf("%s: %v → %v", what, was, is), Widens: widens})
		}
	}
	a, b := old.Flow(), now.Flow()
	add("flow.private_to_public", a.PrivateToPublic, b.PrivateToPublic, b.PrivateToPublic > a.PrivateToPublic)
	add("flow.untrusted_to_write", a.UntrustedToWrite, b.UntrustedToWrite, b.UntrustedToWrite > a.UntrustedToWrite)
	add("flow.forget_after", a.ForgetAfter.Round(time.Second), b.ForgetAfter.Round(time.Second), b.ForgetAfter < a.ForgetAfter)
	m, n := old.Limits(), now.Limits()
	for _, limit := range []struct {
		what    string
		was, is int64
	}{
		{"calls_per_minute", int64(m.CallsPerMinute), int64(n.CallsPerMinute)},
		{"calls_per_minute_per_tool", int64(m.CallsPerMinutePerTool), int64(n.CallsPerMinutePerTool)},
		{"calls_per_hour", int64(m.CallsPerHour), int64(n.CallsPerHour)},
		{"writes_per_session", m.WritesPerSession, n.WritesPerSession},
		{"bytes_per_session", m.BytesPerSession, n.BytesPerSession},
		{"bytes_per_answer", int64(m.BytesPerAnswer), int64(n.BytesPerAnswer)},
	} {
		add("limits."+limit.what, bound(limit.was), bound(limit.is), limit.was != 0 && (limit.is == 0 || limit.is > limit.was))
	}
	for _, finding := range now.SecretsAllow() {
		if !slices.Contains(old.SecretsAllow(), finding) {
			add("secrets.allow", "without "+finding, "with it", true)
		}
	}
	for _, finding := range old.SecretsAllow() {
		if !slices.Contains(now.SecretsAllow(), finding) {
			add("secrets.allow", "with "+finding, "without it", false)
		}
	}
	for _, repo := range repositoriesOf([]*Policy{old, now}) {
		was, is := old.Untrusted(repo), now.Untrusted(repo)
		add("untrusted in "+repo.String(), was, is, is == Mark)
		apart, still := now.ForksSeparate(repo), old.ForksSeparate(repo)
		add("forks: separate in "+repo.String(), still, apart, apart)
	}
	return all
}

func bound(n int64) string {
	if n == 0 {
		return "unlimited"
	}
	return fmt.Sprint(n)
}
