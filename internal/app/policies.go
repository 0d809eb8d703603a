package app

import (
	"aegis/gate/policy"
	"aegis/internal/metrics"
)

// Policies loads the policy that a configuration names, on the machine's floor. A floor
// that is broken is no error here: nothing is allowed while it is. The error is a [Fault].
func (c Config) Policies(observer *metrics.Observer) (*policy.Store, []policy.Warning, error) {
	store, warnings, err := policy.NewStore(c.PolicyFile, observer)
	if err != nil {
		return nil, nil, &Fault{PolicySetting, err}
	}
	floor, doubts := policy.NewFloor(c.Floor)
	store.StandOn(floor)
	return store, append(warnings, doubts...), nil
}
