package tools

import (
	"encoding/json"

	"aegis/forge"
	"aegis/gate"
)

// planFirstCommit plans the first commit of an empty repository. Gitea makes the branch with
// it, and makes that the default one: policy has judged it as such by now.
func planFirstCommit(v *gate.Visit, a commitFilesArgs) (*gate.Plan, error) {
	repo := v.Repo()
	effect := commitEffect{Branch: a.branch, First: true}
	changes := make([]forge.FileChange, len(a.Files))
	for i, file := range a.Files {
		if file.Operation != "create" {
			return nil, gate.Refuse(gate.Conflict, "files[%d]: The repository is empty: there is nothing to %s. Nothing was written.", i, file.Operation).
				WithHint("A first commit creates files.")
		}
		changes[i] = forge.FileChange{Operation: file.Operation, Path: file.Path, Content: *file.Content}
		effect.Bytes += len(*file.Content)
		effect.Create = append(effect.Create, file.Path.String())
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.ChangeFiles(repo.Name, a.branch, a.Message, changes)}},
		Effect: effect,
		Rests: []gate.Basis{gate.RestsOn(true, func() (bool, error) {
			record, err := v.Gitea().Repository(repo.Name)
			return err == nil && record.Empty, err
		}, gate.Refuse(gate.Conflict, "The repository is not empty any more; nothing was written.").WithHint("Look at what is there, and decide anew."))},
		Look:   "the latest commits",
		Answer: func(answers []json.RawMessage) (any, error) { return committed(v, a, changes, nil, answers[0]) },
	}, nil
}
