package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// manifest reads the one object of a file, with no key that its kind does not have.
func manifest[T any](t *testing.T, name string) (object T) {
	t.Helper()
	text := read(t, "kubernetes", name)
	if strings.Contains(text, "\n---") {
		t.Errorf("%s has more than one object", name)
	}
	if err := yaml.UnmarshalStrict([]byte(text), &object); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return object
}

// restricted returns what the strictest level, the latest one, has against a pod.
func restricted(t *testing.T, pod *corev1.PodTemplateSpec) string {
	t.Helper()
	judge, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	results := judge.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}, &pod.ObjectMeta, &pod.Spec)
	if all := policy.AggregateCheckResults(results); !all.Allowed {
		return all.ForbiddenDetail()
	}
	return ""
}

// The pod passes the restricted level, and would not without each of what it takes.
func TestKubernetesPodIsRestricted(t *testing.T) {
	t.Parallel()
	deployment := manifest[appsv1.Deployment](t, "deployment.yaml")
	if against := restricted(t, &deployment.Spec.Template); against != "" {
		t.Error(against)
	}
	for what, change := range map[string]func(*corev1.PodSpec){
		"root":         func(p *corev1.PodSpec) { p.SecurityContext.RunAsNonRoot = nil },
		"seccomp":      func(p *corev1.PodSpec) { p.SecurityContext.SeccompProfile = nil },
		"capabilities": func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.Capabilities = nil },
		"privileges":   func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil },
	} {
		pod := deployment.Spec.Template.DeepCopy()
		change(&pod.Spec)
		if restricted(t, pod) == "" {
			t.Errorf("without %s it passes all the same: the judge does not judge", what)
		}
	}
	namespace := manifest[corev1.Namespace](t, "namespace.yaml")
	for _, mode := range []string{"enforce", "warn", "audit"} {
		if got := namespace.Labels["pod-security.kubernetes.io/"+mode]; got != "restricted" {
			t.Errorf("the namespace has %s: %q", mode, got)
		}
	}
}

// What the level does not ask for: a root that is not written, no account, bounds.
func TestKubernetesPodIsHardened(t *testing.T) {
	t.Parallel()
	deployment := manifest[appsv1.Deployment](t, "deployment.yaml")
	pod, c := deployment.Spec.Template.Spec, deployment.Spec.Template.Spec.Containers[0]
	if c.SecurityContext.ReadOnlyRootFilesystem == nil || !*c.SecurityContext.ReadOnlyRootFilesystem {
		t.Error("the root can be written")
	}
	if *pod.SecurityContext.RunAsUser != 65532 || *pod.SecurityContext.FSGroup != 65532 || *pod.SecurityContext.FSGroupChangePolicy != corev1.FSGroupChangeOnRootMismatch {
		t.Errorf("it runs as %+v", pod.SecurityContext)
	}
	account := manifest[corev1.ServiceAccount](t, "serviceaccount.yaml")
	if *pod.AutomountServiceAccountToken || *account.AutomountServiceAccountToken || pod.ServiceAccountName != account.Name {
		t.Error("it can talk to the cluster")
	}
	if c.Resources.Limits.Memory().Value() != 512*mebibyte {
		t.Errorf("memory %s", c.Resources.Limits.Memory())
	}
	if *deployment.Spec.Replicas != 1 || deployment.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		t.Error("two would have one state")
	}
	for _, mount := range c.VolumeMounts {
		if !mount.ReadOnly && mount.MountPath != "/data" {
			t.Errorf("%s can be written", mount.MountPath)
		}
	}
	for _, variable := range c.Env {
		t.Errorf("%s is a variable of the pod; settings stand in settings.env, secrets in files", variable.Name)
	}
	if strings.Contains(strings.ToUpper(read(t, "kubernetes", "settings.env")), "TOKEN=") {
		t.Error("settings.env holds a token")
	}
	if pod.HostNetwork || pod.HostPID || pod.HostIPC || len(pod.InitContainers) > 0 || len(pod.Containers) > 1 {
		t.Error("there is more than Aegis alone")
	}
}

// Ports are named alike wherever they are named, and the admin listener is for the
// monitoring's namespace alone.
func TestKubernetesPorts(t *testing.T) {
	t.Parallel()
	deployment := manifest[appsv1.Deployment](t, "deployment.yaml")
	c := deployment.Spec.Template.Spec.Containers[0]
	ports := map[string]string{}
	for _, port := range c.Ports {
		ports[port.Name] = fmt.Sprintf(":%d", port.ContainerPort)
	}
	settings := read(t, "kubernetes", "settings.env")
	for name, variable := range map[string]string{"https": "AEGIS_LISTEN", "admin": "AEGIS_ADMIN_LISTEN"} {
		if !strings.Contains(settings, variable+"="+ports[name]+"\n") {
			t.Errorf("%s is not %s", variable, ports[name])
		}
	}
	for what, probe := range map[string]*corev1.Probe{"/healthz": c.LivenessProbe, "/readyz": c.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != what || probe.HTTPGet.Port.StrVal != "admin" {
			t.Errorf("%s: %+v", what, probe)
		}
	}
	service := manifest[corev1.Service](t, "service.yaml")
	if !service.Spec.PublishNotReadyAddresses {
		t.Error("a policy that was mistyped would cut everybody off")
	}
	if len(service.Spec.Ports) != 1 || service.Spec.Ports[0].TargetPort.StrVal != "https" {
		t.Errorf("the service has %+v", service.Spec.Ports)
	}
	network := manifest[networkingv1.NetworkPolicy](t, "networkpolicy.yaml")
	if len(network.Spec.PolicyTypes) != 2 || len(network.Spec.Ingress) != 2 {
		t.Fatalf("%+v", network.Spec)
	}
	for _, rule := range network.Spec.Ingress {
		for _, port := range rule.Ports {
			if open := len(rule.From) == 0; open != (port.Port.StrVal == "https") {
				t.Errorf("%s is open to all: %v", port.Port.StrVal, open)
			}
		}
	}
	labels := deployment.Spec.Template.Labels
	for what, selector := range map[string]map[string]string{
		"service": service.Spec.Selector, "network policy": network.Spec.PodSelector.MatchLabels, "deployment": deployment.Spec.Selector.MatchLabels,
	} {
		for name, value := range selector {
			if labels[name] != value {
				t.Errorf("the %s selects %s=%s", what, name, value)
			}
		}
	}
}

// Everything in the folder is applied, and everything that is named is there.
func TestKubernetesKustomization(t *testing.T) {
	t.Parallel()
	var k struct {
		Resources          []string
		ConfigMapGenerator []struct {
			Name        string
			Envs, Files []string
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "kubernetes", "kustomization.yaml")), &k); err != nil {
		t.Fatal(err)
	}
	named := append(slices.Clone(k.Resources), "kustomization.yaml")
	for _, each := range k.ConfigMapGenerator {
		named = append(append(named, each.Envs...), each.Files...)
	}
	slices.Sort(named)
	if there := files(t, "kubernetes"); !slices.Equal(there, named) {
		t.Errorf("there are %q, and %q are named", there, named)
	}
	_ = manifest[corev1.PersistentVolumeClaim](t, "volume.yaml")
	if read(t, "kubernetes", "policy.yaml") != read(t, "policy.yaml") {
		t.Error("deploy/kubernetes/policy.yaml is another than deploy/policy.yaml")
	}
}
