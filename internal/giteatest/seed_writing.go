package giteatest

// seedSandbox makes acme/sandbox, where writes may land.
func seedSandbox(sc *script, w *World) {
	h := &history{}
	h.commit("main", 0, developer, "Begin\n", text("README.md", "# sandbox\n"), text("docs/index.md", "docs\n"),
		text(".gitea/workflows/docs.yml", "on: [push]\njobs:\n  docs:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n"))
	w.Sandbox = sc.repo("acme/sandbox", true, h, nil)
	sc.collaborator(w.Sandbox.FullName, w.Reader, "read")
	sc.collaborator(w.Sandbox.FullName, w.Writer, "write")
	sc.collaborator(w.Sandbox.FullName, w.Colleague, "write")
	sc.id("/repos/"+w.Sandbox.FullName+"/labels", object{"name": "bug", "color": "#aa0000"})
	sc.as(w.Writer, func(sc *script) { w.WriterFork = sc.refs(sc.fork(w.Sandbox.FullName, "", "sandbox")) })
}

// seedWriting makes the other repositories that Writer may write to, and one
// that Writer may not.
func seedWriting(sc *script, w *World) {
	w.Playground = sc.shared("acme/playground", true, w, "write")
	w.Noticeboard = sc.shared("acme/noticeboard", false, w, "write")
	w.Workshop = sc.shared("guild/workshop", false, w, "write")
	w.Ledger = sc.shared("acme/ledger", true, w, "read")
}

// shared is a small repository with an issue, for Writer and Colleague.
func (sc *script) shared(fullName string, private bool, w *World, permission string) Repo {
	r := sc.small(fullName, private)
	sc.collaborator(fullName, w.Writer, permission)
	sc.collaborator(fullName, w.Colleague, permission)
	sc.id("/repos/"+fullName+"/issues", object{"title": "The first", "body": "What others refer to."})
	return r
}
