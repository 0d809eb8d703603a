//go:build !unix && !windows

package operatorfile

import (
	"errors"
	"io/fs"
)

var errNotJudged = errors.New("who may change it can't be told on this system")

func followManaged(string) (string, fs.FileInfo, []string, error) { return "", nil, nil, errNotJudged }

// JudgeManagedFolder can't tell here.
func JudgeManagedFolder(string) error { return errNotJudged }

func judgeManaged(string, fs.FileInfo) ([]string, error) { return nil, errNotJudged }

// JudgeFolder judges nothing here.
func JudgeFolder(string) error { return nil }
