// Command image makes the container image of Aegis, without a daemon: an OCI layout that
// holds an index with one image a platform.
//
// The same sources, version and time, built by the same Go, give the same digest on any
// machine: the program is built without paths, the authorities are those of a pinned
// module, and every file has one owner, mode and time.
//
//	go run ./image --version 1.2.3 --out ../dist/image
//
// It prints the digest of the index. SOURCE_DATE_EPOCH is the time of all that is in it,
// 1970 without one.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

func main() {
	var m making
	flag.StringVar(&m.source, "source", "..", "folder of the sources of Aegis")
	flag.StringVar(&m.version, "version", "dev", "version that the program says it has")
	architectures := flag.String("arch", "amd64,arm64", "architectures that the image is for, on Linux")
	out := flag.String("out", "../dist/image", "folder of the layout; what is there is replaced")
	flag.Parse()
	m.architectures = strings.Split(*architectures, ",")
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	digest, err := run(ctx, m, *out, os.Getenv("SOURCE_DATE_EPOCH"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
	fmt.Println(digest)
}

func run(ctx context.Context, m making, out, epoch string) (digest string, err error) {
	if flag.NArg() > 0 {
		return "", fmt.Errorf("%q is no flag", flag.Arg(0))
	}
	var seconds int64
	if epoch != "" {
		if seconds, err = strconv.ParseInt(epoch, 10, 64); err != nil {
			return "", fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds", epoch)
		}
	}
	m.created = time.Unix(seconds, 0).UTC()
	index, err := m.index(ctx)
	if err != nil {
		return "", err
	}
	return write(index, m.version, out)
}
