package stdio

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// claimChild makes the test binary a process that claims its standard output.
const claimChild = "AEGIS_TEST_CLAIM_STDOUT"

func init() {
	if mode := os.Getenv(claimChild); mode != "" {
		os.Exit(claimingProcess(mode))
	}
}

func claimingProcess(mode string) int {
	before := os.Stdout // as a library might have remembered it
	out, err := ClaimStdout()
	if err != nil {
		return fail(err)
	}
	if _, err := ClaimStdout(); err == nil {
		return fail("claimed twice")
	}
	if mode == "broken" {
		// Nobody reads: an error, not a signal.
		for range 3 {
			if _, err := out.WriteString("frame\n"); err == nil {
				return fail("wrote to nobody")
			}
		}
		fmt.Fprintln(os.Stderr, "alive")
		return 0
	}
	fmt.Println("stray: Println")
	_, _ = os.Stdout.WriteString("stray: os.Stdout\n")
	if runtime.GOOS != "windows" {
		_, _ = before.WriteString("stray: remembered\n")
		rawStdout("stray: descriptor\n")
	}
	before = nil
	for range 3 { // what is unreachable is closed now
		runtime.GC()
	}
	fmt.Println("stray: after collection")
	if _, err := out.WriteString("frame\n"); err != nil {
		return fail(err)
	}
	return 0
}

func fail(why any) int {
	fmt.Fprintln(os.Stderr, "failed:", why)
	return 1
}

func TestI9_NothingButTheClaimerReachesStdout(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), claimChild+"=print")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	if got := out.String(); got != "frame\n" {
		t.Errorf("stdout: %q", got)
	}
	want := []string{"Println", "os.Stdout", "remembered", "descriptor", "after collection"}
	if runtime.GOOS == "windows" {
		want = []string{"Println", "os.Stdout", "after collection"}
	}
	for _, stray := range want {
		if !strings.Contains(errs.String(), "stray: "+stray+"\n") {
			t.Errorf("%s did not go to stderr: %q", stray, errs.String())
		}
	}
}

func TestAClosedStdoutIsAnErrorNotASignal(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), claimChild+"=broken")
	var errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &errs
	err = cmd.Run()
	_ = w.Close()
	if err != nil || errs.String() != "alive\n" {
		t.Errorf("%v: %q", err, errs.String())
	}
}
