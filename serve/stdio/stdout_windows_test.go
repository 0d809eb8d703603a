package stdio

import "golang.org/x/sys/windows"

func rawStdout(text string) { _, _ = windows.Write(windows.Stdout, []byte(text)) }
