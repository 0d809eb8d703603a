package cli

import (
	"fmt"

	"aegis/gate/policy"

	"github.com/spf13/cobra"
)

// floorFile is the flag that names a floor to decide on. Nothing but these commands has
// it: what a session stands on is this machine's.
const floorFile = "floor"

// floorFlag adds the flag to a command about policies.
func floorFlag(command *cobra.Command, floor *string) {
	command.Flags().StringVar(floor, floorFile, "", "file of a floor to decide on, in place of this machine's")
}

// policyInForce is the policy that a session with these settings would have, on this
// machine's floor or, if one is named, on that; and what the two warn of.
func (s *settings) policyInForce(floor string) (*policy.Policy, []policy.Warning, error) {
	var c Config
	if err := s.readPolicy(&c); err != nil {
		return nil, nil, err
	}
	if floor != "" {
		c.Floor = ""
	}
	store, warnings, err := c.Policies(nil)
	if err != nil {
		return nil, nil, err
	}
	if _, err := store.Floor().Holds(); err != nil {
		return nil, warnings, fmt.Errorf("%w\nuntil that is mended, every call here is denied, whatever the policy says", err)
	}
	p, err := store.InForce()
	if err != nil {
		return nil, warnings, err
	}
	return narrowedByFloor(p, warnings, floor)
}

// narrowedByFloor puts a policy on the floor of a file, "" for none.
func narrowedByFloor(p *policy.Policy, warnings []policy.Warning, file string) (*policy.Policy, []policy.Warning, error) {
	if file == "" {
		return p, warnings, nil
	}
	floor, more, err := policy.LoadFloor(file)
	if err != nil {
		return nil, warnings, err
	}
	return policy.OnFloor(p, floor), append(warnings, more...), nil
}

// loadPolicy loads a file on the floor of another, "" for none; or "" for the policy in
// force. It tells warnings on stderr. A policy that does not load is wrong usage of what
// takes one.
func (s *settings) loadPolicy(cmd *cobra.Command, file, floor string) (p *policy.Policy, err error) {
	var warnings []policy.Warning
	if file == "" {
		p, warnings, err = s.policyInForce(floor)
	} else if p, warnings, err = policy.Load(file); err == nil {
		p, warnings, err = narrowedByFloor(p, warnings, floor)
	}
	for _, warning := range warnings {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", warning)
	}
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	return p, nil
}

// withoutFloor says why the policy in force is narrowed by no floor.
func withoutFloor() string {
	file := policy.FloorFile()
	floor, _ := policy.NewFloor(file)
	if p, _ := floor.Holds(); p != nil {
		return fmt.Sprintf("%s, the same text", file)
	}
	return fmt.Sprintf("there is none at %s", file)
}

// floorOf is the floor that a policy stands on, nil for none.
func floorOf(p *policy.Policy) *policy.Origin {
	for _, o := range p.Origins() {
		if o.Floor {
			return &o
		}
	}
	return nil
}
