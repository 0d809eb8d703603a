// Package imagetest runs what deploy/ has on a real Gitea: the image, in a container that
// can do as little as the Compose file lets it, and the seed of its development profile.
//
// It is tests alone. They are run by "make deploy-check", and say NOT RUN where a machine
// has no podman, or does not let it run a container.
package imagetest
