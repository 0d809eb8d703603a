package clients

// claudeCode is Claude Code's own way. Its file is what it remembers, and it writes it
// whenever it runs.
var claudeCode = &Own{
	Add: func(s Server) []string {
		command := append([]string{"claude", "mcp", "add", "--scope", "user", Name}, environment(s)...)
		return append(append(command, "--", s.Command), s.Args...)
	},
	Remove: []string{"claude", "mcp", "remove", "--scope", "user", Name},
}

// geminiCLI is Gemini CLI's own way, which keeps the comments of its file.
var geminiCLI = &Own{
	Add: func(s Server) []string {
		command := append([]string{"gemini", "mcp", "add", "--scope", "user", Name, s.Command}, environment(s)...)
		return append(append(command, "--"), s.Args...)
	},
	Remove: []string{"gemini", "mcp", "remove", "--scope", "user", Name},
}

// environment are a server's variables, as arguments.
func environment(s Server) (args []string) {
	for _, name := range sortedKeys(s.Env) {
		args = append(args, "--env", name+"="+s.Env[name])
	}
	return args
}
