package cli

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// ask asks on the terminal. Without one nothing is said.
func (p *plan) ask(question string) string {
	if !p.terminal.canAsk() {
		return ""
	}
	fmt.Fprint(p.terminal.out, question)
	if p.typed == nil {
		p.typed = bufio.NewReader(p.terminal.in)
	}
	line, _ := p.typed.ReadString('\n')
	return strings.TrimSpace(line)
}

// askUnseen asks for what is not to be seen as it is typed.
func (p *plan) askUnseen(question string) string {
	file, is := p.terminal.in.(*os.File)
	if !p.terminal.canAsk() || !is {
		return ""
	}
	fmt.Fprint(p.terminal.out, question)
	raw, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(p.terminal.out)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}
