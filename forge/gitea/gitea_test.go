package gitea_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"aegis/forge/gitea"

	sdk "code.gitea.io/sdk/gitea"
)

// Each record is one of the library's: the same names, for the same members, of the
// same kinds.
func TestRecordsAreTheLibrarys(t *testing.T) {
	t.Parallel()
	seen := make(map[reflect.Type]bool)
	for _, pair := range [][2]reflect.Type{
		{reflect.TypeFor[gitea.ActionWorkflow](), reflect.TypeFor[sdk.ActionWorkflow]()},
		{reflect.TypeFor[gitea.ActionWorkflowJob](), reflect.TypeFor[sdk.ActionWorkflowJob]()},
		{reflect.TypeFor[gitea.ActionWorkflowRun](), reflect.TypeFor[sdk.ActionWorkflowRun]()},
		{reflect.TypeFor[gitea.Branch](), reflect.TypeFor[sdk.Branch]()},
		{reflect.TypeFor[gitea.ChangedFile](), reflect.TypeFor[sdk.ChangedFile]()},
		{reflect.TypeFor[gitea.CombinedStatus](), reflect.TypeFor[sdk.CombinedStatus]()},
		{reflect.TypeFor[gitea.Comment](), reflect.TypeFor[sdk.Comment]()},
		{reflect.TypeFor[gitea.Commit](), reflect.TypeFor[sdk.Commit]()},
		{reflect.TypeFor[gitea.ContentsResponse](), reflect.TypeFor[sdk.ContentsResponse]()},
		{reflect.TypeFor[gitea.GitTreeResponse](), reflect.TypeFor[sdk.GitTreeResponse]()},
		{reflect.TypeFor[gitea.Issue](), reflect.TypeFor[sdk.Issue]()},
		{reflect.TypeFor[gitea.NotificationThread](), reflect.TypeFor[sdk.NotificationThread]()},
		{reflect.TypeFor[gitea.Organization](), reflect.TypeFor[sdk.Organization]()},
		{reflect.TypeFor[gitea.Package](), reflect.TypeFor[sdk.Package]()},
		{reflect.TypeFor[gitea.PullRequest](), reflect.TypeFor[sdk.PullRequest]()},
		{reflect.TypeFor[gitea.PullReview](), reflect.TypeFor[sdk.PullReview]()},
		{reflect.TypeFor[gitea.PullReviewComment](), reflect.TypeFor[sdk.PullReviewComment]()},
		{reflect.TypeFor[gitea.Release](), reflect.TypeFor[sdk.Release]()},
		{reflect.TypeFor[gitea.Tag](), reflect.TypeFor[sdk.Tag]()},
		{reflect.TypeFor[gitea.WikiPage](), reflect.TypeFor[sdk.WikiPage]()},
		{reflect.TypeFor[gitea.WikiPageMetaData](), reflect.TypeFor[sdk.WikiPageMetaData]()},
	} {
		same(t, pair[0], pair[1], seen)
	}
	for _, pair := range [][2]string{
		{string(gitea.StateOpen), string(sdk.StateOpen)},
		{string(gitea.StatusError), string(sdk.StatusError)}, {string(gitea.StatusFailure), string(sdk.StatusFailure)},
		{string(gitea.StatusSuccess), string(sdk.StatusSuccess)}, {string(gitea.StatusWarning), string(sdk.StatusWarning)},
		{string(gitea.ReviewStateComment), string(sdk.ReviewStateComment)}, {string(gitea.ReviewStatePending), string(sdk.ReviewStatePending)},
		{string(gitea.ReviewStateRequestChanges), string(sdk.ReviewStateRequestChanges)},
		{string(gitea.NotifySubjectIssue), string(sdk.NotifySubjectIssue)}, {string(gitea.NotifySubjectPull), string(sdk.NotifySubjectPull)},
		{string(gitea.VisibleTypePublic), string(sdk.VisibleTypePublic)}, {string(gitea.VisibleTypeLimited), string(sdk.VisibleTypeLimited)},
		{string(gitea.VisibleTypePrivate), string(sdk.VisibleTypePrivate)},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%q is %q in the library", pair[0], pair[1])
		}
	}
}

// same holds a type to the library's.
func same(t *testing.T, ours, theirs reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	if ours == reflect.TypeFor[*bool]() && theirs.Kind() == reflect.Bool { // what is not said is not false
		return
	}
	if ours.Kind() != theirs.Kind() {
		t.Errorf("%s is %s in the library", ours, theirs)
		return
	}
	switch {
	case seen[ours] || ours == reflect.TypeFor[time.Time]():
	case ours.Kind() == reflect.Pointer, ours.Kind() == reflect.Slice:
		same(t, ours.Elem(), theirs.Elem(), seen)
	case ours.Kind() == reflect.Struct:
		seen[ours] = true
		if ours.Name() != theirs.Name() {
			t.Errorf("%s is %s in the library", ours, theirs)
		}
		for i := range ours.NumField() {
			field := ours.Field(i)
			other, ok := theirs.FieldByName(field.Name)
			if !ok || member(field) != member(other) || field.Anonymous != other.Anonymous {
				t.Errorf("%s.%s is not the library's", ours, field.Name)
				continue
			}
			same(t, field.Type, other.Type, seen)
		}
	}
}

// member is the name that a field has in JSON.
func member(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}
