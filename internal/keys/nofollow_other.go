//go:build !unix

package keys

const noFollow = 0
