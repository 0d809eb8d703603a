package gate

import (
	"encoding/json"

	"aegis/sanitize"
)

// largeText is the size in bytes from which texts wait for each other. Sixteen calls
// that read what was made to be slow would share the processors, and all be late; so
// those that are first are done first, callers take turns, and small texts wait for
// none of them.
const largeText = 64 << 10

// scrub runs a step that scrubs a text of size bytes. It waits until few other large
// texts are being scrubbed, and gives up when the call is over: what the step has made
// is of no use then.
func (r *request) scrub(size int, step func()) error {
	if size >= largeText {
		release, err := r.processors.Take(r.ctx, r.caller)
		defer release()
		if err != nil {
			return err
		}
	}
	step()
	return r.ctx.Err()
}

// scrubJSON scrubs an object.
func (r *request) scrubJSON(object json.RawMessage) (clean []byte, report sanitize.Report, err error) {
	if over := r.scrub(len(object), func() { clean, report, err = r.scrubber.JSON(object) }); over != nil {
		return nil, report, over
	}
	return clean, report, err
}

// scrubText scrubs a text.
func (r *request) scrubText(text string, options sanitize.TextOptions) (clean string, report sanitize.Report, err error) {
	err = r.scrub(len(text), func() { clean, report = r.scrubber.Text(text, options) })
	return clean, report, err
}
