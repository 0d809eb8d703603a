package tools

// All returns every tool, in the order in which a client is shown them.
func All() []Tool {
	return []Tool{
		getMe(),
		listRepositories(),
		getRepository(),
		getFileTree(),
		getFileContents(),
		listCommits(),
		listIssues(),
		getIssue(),
	}
}
