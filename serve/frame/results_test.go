package frame

import (
	"net/http"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// An id comes from the frame alone: what a client can write, a header, is none.
func TestRequestIDIsAValue(t *testing.T) {
	t.Parallel()
	id := func(extra *mcp.RequestExtra) string { return string(RequestID(&mcp.CallToolRequest{Extra: extra})) }
	for name, extra := range map[string]*mcp.RequestExtra{
		"nothing":  nil,
		"headers":  {Header: http.Header{"Aegis.request-Id": {"7"}, idMember: {"7"}}},
		"a text":   {TokenInfo: &auth.TokenInfo{Extra: map[string]any{idMember: "7"}}},
		"no extra": {TokenInfo: &auth.TokenInfo{}},
	} {
		if got := id(extra); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	seven, err := jsonrpc.MakeID("seven")
	if err != nil {
		t.Fatal(err)
	}
	info := Carry(&auth.TokenInfo{UserID: "ci", Extra: map[string]any{"from": "here"}}, seven)
	if got := id(&mcp.RequestExtra{TokenInfo: info}); got != `"seven"` || info.UserID != "ci" || info.Extra["from"] != "here" {
		t.Errorf("%s of %+v", got, info)
	}
}
