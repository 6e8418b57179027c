package suite

import (
	"testing"

	"stco/model/workload"
)

// TestAliases: every alias is a network of its own spelling whose parameters are
// those that its publisher prints.
func TestAliases(t *testing.T) {
	for _, a := range aliases() {
		scale := map[string]float64{"1": 1, "1e6": 1e6, "1e9": 1e9}[a.scale]
		p := Published{Network: a.network, Quantity: "parameters", Value: a.parameters, Scale: scale}
		n, err := Build(a.name, workload.Options{Batch: 1})
		if err != nil {
			t.Fatal(err)
		}
		rounds, exact := p.Agrees(p.Of(n))
		if !rounds || scale == 1 && !exact {
			t.Errorf("%s: %d parameters, published %s x %g", a.name, p.Of(n), a.parameters, scale)
		}
		if a.source == "" || n.Name != a.network {
			t.Errorf("%s: network %q of source %q", a.name, n.Name, a.source)
		}
	}
}

// TestCanonical: spellings of a name are one network, and no two networks have
// spellings in common.
func TestCanonical(t *testing.T) {
	seen := map[string]string{}
	for _, name := range Names("") {
		if other, ok := seen[fold(name)]; ok {
			t.Errorf("%s and %s are spelled alike", name, other)
		}
		seen[fold(name)] = name
		if got, _ := Canonical(name); got != name {
			t.Errorf("%s is taken for %q", name, got)
		}
	}
	for _, a := range aliases() {
		if other, ok := seen[fold(a.name)]; ok {
			t.Errorf("alias %s is spelled as %s", a.name, other)
		}
		seen[fold(a.name)] = a.name
	}
	for name, want := range map[string]string{
		"Llama-3.1-8B": "llama3_8b", "llama3_1_70b": "llama3_70b", "llama31_70b": "", "Llama-3.1-405B": "llama3_405b",
		"Llama-3-8B": "llama3_8b", "llama-2-7b": "llama2_7b", "Llama-3.2-1B": "llama3_2_1b", "llama-3.3-70b": "llama3_70b",
		"Qwen2.5-0.5B": "qwen2_0.5b", "qwen2_5_7b": "qwen2_7b", "Qwen2.5-72B": "qwen2_72b", "qwen2.5_5b": "",
		"Mistral-7B": "mistral_7b", "mistral7b": "mistral_7b", "DeepSeek-R1": "deepseek_v3", "deepseek-v3": "deepseek_v3",
		"gpt-oss-20b": "gpt_oss_20b", "GPT-OSS-120B": "gpt_oss_120b", "gptoss120b": "gpt_oss_120b",
		"mamba2-130m": "mamba2_130m", "Mamba2-1.3B": "mamba2_1.3b", "mamba2_2_7b": "mamba2_2.7b", "mamba2_13b": "",
		"regnet-y-16gf": "regnet_y_16gf", "regnet_y_1.6gf": "regnet_y_1_6gf", "ResNet-50": "resnet50", "gpt-2": "gpt2_small",
		"resnet50_": "", "_resnet50": "", "": "", "resnet500": "",
	} {
		if got, ok := Canonical(name); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v, want %q", name, got, ok, want)
		}
	}
}

// TestText: the file that a built-in network is printed as is the same network.
func TestText(t *testing.T) {
	for _, name := range Names("") {
		s, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(name+".yaml", s.Text())
		if err != nil {
			t.Fatal(err)
		}
		o := s.DefaultOptions(workload.Inference)
		if got := again.DefaultOptions(workload.Inference); got != o {
			t.Errorf("%s: options %v of the file, want %v", name, got, o)
		}
		n, err := again.Build(o)
		if err != nil {
			t.Fatal(err)
		}
		params, macs := n.Totals()
		wantParams, wantMACs := build(t, name, o).Totals()
		if params != wantParams || macs != wantMACs || n.Name != name || n.Counted == "" || again.Family != s.Family {
			t.Errorf("%s: %d parameters and %d products of the file %q (%s), want %d and %d", name, params, macs, n.Name, again.Family, wantParams, wantMACs)
		}
	}
}
