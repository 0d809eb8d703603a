// Package poisontest plays a model that obeys whoever speaks to it. It reads what
// an attacker left in a real Gitea, finds instructions there, and carries out each
// of them with the tools that it has, over the transport and the server that a
// client has, through the gate. Whatever it was told, what it read in a repository
// is afterwards nowhere where more people can see it than could before.
package poisontest
