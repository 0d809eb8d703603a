// Package attack holds attacks on Aegis, as tests against the real Gitea.
//
// Each test is somebody who wants what policy hides, a secret that was
// committed, or an agent that believes what it reads. It first does the attack
// without Aegis, with the same token, and sees it succeed, so that it can't
// pass because there is nothing to find. Then it goes through the gate and must
// be refused by the code that the refusal is documented with, or be shown
// nothing. When the test ends, every answer it got, the audit log and the log
// on stderr are searched for what the world holds that no caller may see.
//
// There is no product code here.
package attack
