//go:build unix && !linux && !darwin

package operatorfile

// readOnly is not known here.
func readOnly(string) bool { return false }
