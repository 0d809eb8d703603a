// Package check holds what lies in deploy/ against what reads it: Compose's own loader,
// Kubernetes' own judge of pods, promtool, systemd-analyze, buildah. It is tests alone,
// and a module of its own, so that none of their modules is one of the product's.
//
// What a machine lacks for a test is told as NOT RUN, and fails nothing.
package check
