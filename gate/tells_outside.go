package gate

import (
	"fmt"
	"strings"

	"aegis/internal/reference"
	"aegis/internal/remote"
)

// Some texts tell more people than those who see the repository that they are written
// to. A reference leaves an event elsewhere, and an image of another host is fetched
// by each reader's browser: either can say a bit to whoever watches there. A session
// that was shown what the world does not see writes neither, wherever it writes to.

// outward is what of a call's texts tells people elsewhere, "" for nothing, and what
// to do instead.
type outward struct{ what, instead string }

// tellsOutside looks through the texts of the call, once: neither they nor where the
// instance lies change while it is under way.
func (w *world) tellsOutside() outward {
	if w.found.outward == nil {
		found := w.lookOutside()
		w.found.outward = &found
	}
	return *w.found.outward
}

func (w *world) lookOutside() outward {
	for _, text := range w.prepared.Written {
		if address := remote.Loads(text.Text, shownAs(text), w.instances()...); address != "" {
			return outward{
				fmt.Sprintf("Whoever opens %s would fetch %s without having followed it, and so tell that host, or the owner of what is fetched.", label(text.Field), quoteAddress(address)),
				"Write the address as a link, or name a file of this repository by its path.",
			}
		}
		if text.Kind == Content {
			continue
		}
		syntax := reference.Plain
		if text.Kind == Markdown {
			syntax = reference.Suspect
		}
		repos, unclear := reference.Find(text.Text, syntax, w.instances()...)
		instead := "In a body, it is plain text in a fenced block of code, or in a code span with nothing but words before it in its paragraph."
		for _, repo := range repos {
			if w.judgeReferred(w.judge(), repo) != nil {
				return outward{fmt.Sprintf("%s holds what may be taken for a reference to something in %s, and so tell who sees that one.", label(text.Field), repo), instead}
			}
		}
		if unclear {
			return outward{fmt.Sprintf("What %s refers to can't be told for certain.", label(text.Field)), instead}
		}
	}
	return outward{}
}

// shownAs is how Gitea shows a text.
func shownAs(text Written) remote.Format {
	switch {
	case text.Kind == Plain:
		return remote.Source
	case text.Kind == Content && text.Path != "":
		return remote.FormatOf(text.Path)
	}
	return remote.Markdown // a wiki page is, too
}

// quoteAddress shows which address it is, not all that a caller put into it.
func quoteAddress(address string) string {
	if len(address) > 60 {
		address = strings.ToValidUTF8(address[:60], "") + "…"
	}
	return fmt.Sprintf("%q", address)
}
