package canon

import (
	"errors"
	"path"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var hostile = []string{"", ".", "..", "...", "/", "//", "\\", "a\\b", "a\x00", "a\n", "a\tb", "\x7f", "\u0085", "e\u0301", "\xff", "a\xc3",
	"%2e%2e", "%2E", "%2f", "%5C", "a/%2e%2e/b", "\ufeff\u0000", ".git", ".GIT", ".Git/config", "x/.git", "-x", "HEAD"}

func TestOwnersAndRepositories(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"acme/site":          "acme/site",
		"ACME/Site":          "acme/site",
		"a.b_c-d/E.f_G-h":    "a.b_c-d/e.f_g-h",
		"0/1":                "0/1",
		".hidden/...":        ".hidden/...",
		"a/.github":          "a/.github",
		"a/git":              "a/git",
		"-/-":                "-/-",
		"a/b.gitx":           "a/b.gitx",
		x(40) + "/" + x(100): x(40) + "/" + x(100),
	} {
		got, err := ParseFullName(in)
		if err != nil || got.String() != want {
			t.Errorf("%s is %q, %v", in, got, err)
		}
		if o, err := ParseOwner(got.Owner()); err != nil || o.String() != got.Owner() {
			t.Errorf("owner of %s: %v", in, err)
		}
	}
	for _, in := range append(hostile, "a", "a/", "/b", "a/b/c", "a /b", "a/b ", "a/b.git", "a/b.GIT", "a.git/b", "a/.", "a/..", "./b", "../b",
		"ä/b", "a/ı", "a/\u212a", "a/b?c", "a/b#c", "a/b:c", "a/*", "a/b%20", "a/b+c", x(41)+"/b", "a/"+x(101), "a//b") {
		if got, err := ParseFullName(in); err == nil || !got.IsZero() {
			t.Errorf("%q is taken for %q", in, got)
		}
	}
	for _, in := range append(hostile, "a/b", "a.git", x(41)) {
		if in == "..." || in == "-x" || in == "HEAD" {
			continue // odd, but names
		}
		if got, err := ParseOwner(in); err == nil || !got.IsZero() {
			t.Errorf("%q is taken for owner %q", in, got)
		}
	}
	if (Repo{}).String() != "" || !(Repo{}).IsZero() || !(Owner{}).IsZero() {
		t.Error("the zero values are not none")
	}
}

func x(n int) string { return strings.Repeat("x", n) }

func TestPaths(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"README.md", "a/b/c", ".env", "...", "a/.../b", ".gitignore", ".github/x", "a.git/b", "git", "ä/ö", "é", "a b", " ", "~", "a:b",
		"C:/x", "HEAD", "-x", "%", "%25", "%20", "100%", "a%2", "*", "[x]", "日本/語", strings.Repeat("a/", 249) + "ab"} {
		got, err := ParsePath(in)
		if err != nil || got.String() != in || got.IsRoot() {
			t.Errorf("%q is %q, %v", in, got, err)
		}
	}
	for _, in := range append(hostile, "/a", "a/", "a//b", "./a", "a/.", "a/./b", "../a", "a/..", "a/../b", "a/.git", "a/.gIt/b", "a%2fb", "a%5Cb", "%2E%2E/a", x(501)) {
		if in == "..." || in == "-x" || in == "HEAD" {
			continue // odd, but names
		}
		if got, err := ParsePath(in); err == nil || !got.IsRoot() {
			t.Errorf("%q is taken for %q", in, got)
		}
	}
	if !(Path{}).IsRoot() || (Path{}).String() != "" {
		t.Error("the zero Path is not the root")
	}
}

func TestRefs(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("0aF9", 10)
	for _, c := range []struct{ in, want, branch, tag, commit string }{
		{"main", "main", "main", "main", ""},
		{"Feature/x-1", "Feature/x-1", "Feature/x-1", "Feature/x-1", ""},
		{"refs/heads/main", "refs/heads/main", "main", "", ""},
		{"refs/tags/v1.0", "refs/tags/v1.0", "", "v1.0", ""},
		{id, strings.ToLower(id), "", "", strings.ToLower(id)},
		{"refs/heads/" + id, "refs/heads/" + id, id, "", ""},
		{id[:39], id[:39], id[:39], id[:39], ""},
		{id + "0", id + "0", id + "0", id + "0", ""},
		{"heads/main", "heads/main", "heads/main", "heads/main", ""},
		{"ref", "ref", "ref", "ref", ""},
		{"a@b", "a@b", "a@b", "a@b", ""},
		{"ünï/x", "ünï/x", "ünï/x", "ünï/x", ""},
		{"refs/heads/refs/heads/x", "refs/heads/refs/heads/x", "refs/heads/x", "", ""},
	} {
		got, err := ParseRef(c.in)
		if err != nil || got.String() != c.want || got.IsZero() {
			t.Errorf("%q is %q, %v", c.in, got, err)
			continue
		}
		for what, check := range map[string]struct {
			is   func() (string, bool)
			want string
		}{"branch": {got.Branch, c.branch}, "tag": {got.Tag, c.tag}} {
			if name, ok := check.is(); name != check.want || ok != (check.want != "") {
				t.Errorf("%q as %s is %q, %t", c.in, what, name, ok)
			}
		}
		if commit, ok := got.Commit(); ok != (c.commit != "") || ok && commit != c.commit {
			t.Errorf("%q as commit is %q, %t", c.in, commit, ok)
		}
	}
	for _, in := range append(hostile, "@", "head", "Head", "refs/heads/HEAD", "refs/tags/@", "refs", "refs/", "refs/heads/", "refs/heads", "refs/pull/1/head",
		"refs/notes/x", "a..b", "a~1", "a^", "a:b", "main:secrets", ":/text", "a b", "a?", "a*", "a[b", "@{-1}", "a@{1}", "a.", ".a", "a/.b", "a//b", "/a", "a/", "a.lock", "a.lock/b", "refs/heads/-x", x(256)) {
		if strings.HasPrefix(in, "%") {
			continue // a branch may be called so
		}
		if in == "a/%2e%2e/b" {
			continue
		}
		if got, err := ParseRef(in); err == nil || !got.IsZero() {
			t.Errorf("%q is taken for %q", in, got)
		}
	}
	if b, ok := (Ref{}).Branch(); ok || b != "" || !(Ref{}).IsZero() {
		t.Error("the zero Ref is something")
	}
}

func TestErrorsNeverQuoteTheName(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	for _, text := range []string{secret + "\x00", secret + "..", secret + "/..", "/" + secret, secret + "//", secret + "/.git", secret + " ~", secret + strings.Repeat(secret, 200), secret + ".git/" + secret} {
		_, a := ParsePath(text)
		_, b := ParseRef(text)
		_, c := ParseFullName(text)
		_, d := ParseOwner(text)
		for _, err := range []error{a, b, c, d} {
			var known *Error
			if err != nil && (strings.Contains(err.Error(), secret) || !errors.As(err, &known) || known.What == "") {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, s := range append(hostile, "a/b", "ä/ö.md") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s)
		if err != nil {
			if !p.IsRoot() {
				t.Fatal("an error with a path")
			}
			return
		}
		again, err := ParsePath(p.String())
		if err != nil || again != p || p.String() != s {
			t.Fatalf("%q is not what was parsed: %q", s, p)
		}
		if path.Clean(s) != s || path.IsAbs(s) || path.Clean("/"+s) != "/"+s {
			t.Fatalf("%q is not clean", s)
		}
		clean(t, s, MaxPath)
		for name := range strings.SplitSeq(s, "/") {
			if name == "" || name == "." || name == ".." || strings.EqualFold(name, ".git") {
				t.Fatalf("%q has the segment %q", s, name)
			}
		}
	})
}

func FuzzParseRef(f *testing.F) {
	for _, s := range append(hostile, "main", "refs/heads/x", "refs/tags/v1", strings.Repeat("aB", 20)) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRef(s)
		if err != nil {
			if !r.IsZero() {
				t.Fatal("an error with a ref")
			}
			return
		}
		again, err := ParseRef(r.String())
		if err != nil || again != r || !strings.EqualFold(r.String(), s) {
			t.Fatalf("%q is not what was parsed: %q", s, r)
		}
		clean(t, s, MaxRef)
		if strings.ContainsAny(s, " ~^:?*[\\") || strings.Contains(s, "..") || strings.Contains(s, "@{") || strings.Contains(s, "//") || path.Clean("/"+s) != "/"+s {
			t.Fatalf("%q is a revision, no name", s)
		}
		commit, isCommit := r.Commit()
		branch, isBranch := r.Branch()
		tag, isTag := r.Tag()
		if isCommit && (isBranch || isTag || len(commit) != 40) || !isCommit && !isBranch && !isTag {
			t.Fatalf("%q is a commit %t, a branch %t, a tag %t", s, isCommit, isBranch, isTag)
		}
		for _, name := range []string{branch, tag} {
			if strings.EqualFold(name, "HEAD") || name == "@" || strings.HasPrefix(name, "-") {
				t.Fatalf("%q names %q", s, name)
			}
		}
	})
}

func FuzzParseRepo(f *testing.F) {
	for _, s := range append(hostile, "acme/site", "A/B") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseFullName(s)
		if err != nil {
			if !r.IsZero() {
				t.Fatal("an error with a repository")
			}
			return
		}
		again, err := ParseFullName(r.String())
		if err != nil || again != r || r.String() != strings.ToLower(s) || r.String() != r.Owner()+"/"+r.Name() {
			t.Fatalf("%q is not what was parsed: %q", s, r)
		}
		if strings.Count(s, "/") != 1 || path.Clean("/"+s) != "/"+s || strings.HasSuffix(r.Name(), ".git") || strings.HasSuffix(r.Owner(), ".git") {
			t.Fatalf("%q is no name", s)
		}
		for _, c := range s {
			if c > unicode.MaxASCII || strings.ContainsRune(`%?#\:@ `, c) || unicode.IsControl(c) {
				t.Fatalf("%q holds %q", s, c)
			}
		}
	})
}

// clean checks what every name promises.
func clean(t *testing.T, s string, most int) {
	t.Helper()
	if s == "" || len(s) > most || !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) || strings.Contains(s, `\`) || strings.ContainsFunc(s, unicode.IsControl) {
		t.Fatalf("%q is not clean", s)
	}
}
