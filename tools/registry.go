package tools

// All returns every tool, in the order in which a client is shown them.
func All() []Tool {
	return []Tool{
		getMe(),
		listRepositories(),
		getRepository(),
		listOrganizations(),
		searchUsers(),
		getFileTree(),
		getFileContents(),
		searchCode(),
		listBranches(),
		listTags(),
		listCommits(),
		getCommit(),
		compareRefs(),
		getCommitStatus(),
		listIssues(),
		getIssue(),
		listIssueComments(),
		searchIssues(),
		listLabels(),
		listMilestones(),
		listPullRequests(),
		getPullRequest(),
		listPullRequestCommits(),
		listPullRequestFiles(),
		listPullRequestReviews(),
		getPullRequestDiff(),
		listReleases(),
		getRelease(),
		listWikiPages(),
		getWikiPage(),
		listWorkflowRuns(),
		getWorkflowRun(),
		getJobLog(),
		listNotifications(),
		listPackages(),

		createComment(),
	}
}
