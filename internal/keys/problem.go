package keys

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Problem is what is wrong at one place of a file. It shows nothing of the file:
// somebody may have put a key or a token there.
type Problem struct {
	File         string // its last element
	Line, Column int    // from 1; 0 for the file as a whole
	Message      string
}

func (p *Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// problems notes what is wrong with a file.
type problems struct {
	file string
	all  []error
}

const mostProblems = 10

func (p *problems) errorf(at *token.Token, format string, args ...any) {
	found := &Problem{File: filepath.Base(p.file), Message: fmt.Sprintf(format, args...)}
	if at != nil && at.Position != nil {
		found.Line, found.Column = at.Position.Line, at.Position.Column
	}
	if len(p.all) < mostProblems {
		p.all = append(p.all, found)
	}
}

func (p *problems) err() error { return errors.Join(p.all...) }

// begins is where a node begins; a block mapping's own token is its first colon.
func begins(node ast.Node) *token.Token {
	if m, ok := node.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return m.Values[0].Key.GetToken()
	}
	if node == nil {
		return nil
	}
	return node.GetToken()
}
