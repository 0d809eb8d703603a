package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"aegis/audit"
	"aegis/internal/witness"
)

// kept is how long rotated files of the audit log are kept, unless it is said.
const kept = 90 * 24 * time.Hour

// readKeeping reads how the audit log is kept.
func (s *settings) readKeeping(c *Config) error {
	raw, source, err := s.value(auditMaxSize)
	if err != nil {
		return &failure{exitUsage, err}
	}
	if raw != "" {
		if c.Audit.MaxSize, err = bytesOf(raw); err != nil {
			return wrong(source, "%v", err)
		}
		switch {
		case c.Audit.MaxSize == 0:
			c.Audit.MaxSize = -1
		case c.Audit.MaxSize < 1<<20:
			return wrong(source, "%q is less than 1MB, which is a few sessions' worth", raw)
		}
	}
	c.Audit.Keep = kept
	if raw, source, err = s.value(auditKeep); err != nil {
		return &failure{exitUsage, err}
	}
	if raw != "" {
		if c.Audit.Keep, err = span(raw); raw == "0" {
			c.Audit.Keep, err = 0, nil
		}
		if err != nil || c.Audit.Keep != 0 && c.Audit.Keep < 24*time.Hour {
			return wrong(source, "%q is no time of a day or more; write it like 90d, or 0 to keep all", raw)
		}
	}
	if c.Audit.KeepApprovals, err = s.flag(auditTexts); err != nil {
		return err
	}
	if c.Audit.Checkpoints.Key, _, err = s.value(checkpointBy); err != nil {
		return &failure{exitUsage, err}
	}
	if raw, source, err = s.value(checkpointAt); err != nil {
		return &failure{exitUsage, err}
	}
	if err := every(raw, &c.Audit.Checkpoints); err != nil {
		return wrong(source, "%v", err)
	}
	if raw, source, err = s.value(checkpointTo); err != nil {
		return &failure{exitUsage, err}
	}
	if raw == "" {
		return nil
	}
	to, err := witness.Parse(raw)
	if err != nil {
		return wrong(source, "%v", err)
	}
	c.Audit.Checkpoints.Publish = func(ctx context.Context, made audit.Checkpoint) error { return to.Publish(ctx, made.Note) }
	return nil
}

// every reads after how many entries, or after what time of activity, checkpoints are made.
func every(text string, o *audit.CheckpointOptions) error {
	if text == "" {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		if n, err := strconv.ParseInt(part, 10, 64); err == nil && n > 0 {
			o.Every = n
		} else if d, err := span(part); err == nil && d >= time.Minute {
			o.Time = d
		} else {
			return fmt.Errorf("%q is no number of entries and no time of a minute or more; write it like 1000, 30m, or 1000,30m", part)
		}
	}
	return nil
}

// bytesOf reads a size: a number of bytes, or of kB, MB, GB, KiB, MiB or GiB.
func bytesOf(text string) (int64, error) {
	units := []struct {
		suffix string
		bytes  int64
	}{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1000}, {"KB", 1000}, {"MB", 1000_000}, {"GB", 1000_000_000}, {"", 1},
	}
	for _, unit := range units {
		digits, ok := strings.CutSuffix(text, unit.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > 1<<50/unit.bytes {
			break
		}
		return n * unit.bytes, nil
	}
	return 0, fmt.Errorf("%q is no size; write it like 100MB", text)
}
