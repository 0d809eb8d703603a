package gate

import (
	"encoding/json"
	"fmt"
	"strings"

	"aegis/sanitize"
)

// Bounds on what a human is shown, in bytes: enough to judge by, and not so much
// that nobody reads it.
const (
	maxShownText = 1500
	maxShown     = 12 << 10
)

// describe says in lines what a call would do and why a human is asked. Every line
// of a text that would be written begins with a bar, so that none can be taken
// for one of ours.
func (v *Visit) describe(asks []reason) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s wants to be carried out", v.tool.Name)
	if v.repo != nil {
		fmt.Fprintf(&b, " in %s (%s)", v.repo.Name, openness(v.repo.Record))
	}
	b.WriteString(".\n")
	for _, ask := range asks {
		fmt.Fprintf(&b, "You are asked because of %s", ask.rule)
		if ask.why != "" {
			b.WriteString(": " + ask.why)
		}
		b.WriteString("\n")
	}
	target := v.prepared.Target
	if target.branch != "" {
		fmt.Fprintf(&b, "branch: %s\n", target.branch)
	}
	for _, path := range target.paths() {
		fmt.Fprintf(&b, "path: %s\n", path)
	}
	if err := v.describeEffect(&b); err != nil {
		return "", err
	}
	for _, text := range v.prepared.Written {
		describeText(&b, text.Field, text.Text)
	}
	if v.prepared.Written == nil { // of a tool that reads
		describeText(&b, "arguments", string(v.call.Args))
	}
	message := b.String()
	if len(message) > maxShown {
		message = strings.ToValidUTF8(message[:maxShown], "") + fmt.Sprintf("\n… and %d bytes more that are not shown.\n", len(message)-maxShown)
	}
	clean, _ := v.gate.scrubber.Text(message, sanitize.TextOptions{ShowHidden: true})
	return clean, nil
}

// describeEffect adds what the plan found out.
func (v *Visit) describeEffect(b *strings.Builder) error {
	if v.planned == nil || v.planned.Effect == nil {
		return nil
	}
	raw, err := marshal(v.planned.Effect)
	if err != nil {
		return err
	}
	names, values, err := topLevel(raw)
	if err != nil {
		return err
	}
	for _, name := range names {
		var text string
		if json.Unmarshal(values[name], &text) != nil {
			text = string(values[name])
		}
		describeText(b, name, text)
	}
	return nil
}

func describeText(b *strings.Builder, name, text string) {
	more := ""
	if len(text) > maxShownText {
		more = fmt.Sprintf("\n  | … and %d bytes more", len(text)-maxShownText)
		text = strings.ToValidUTF8(text[:maxShownText], "")
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n").Replace(text)
	if !strings.Contains(text, "\n") && more == "" && len(text) < 200 {
		fmt.Fprintf(b, "%s: %s\n", name, text)
		return
	}
	fmt.Fprintf(b, "%s:\n  | %s%s\n", name, strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  | "), more)
}
