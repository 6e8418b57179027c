// Package language holds the templates of language, speech and recommendation
// models.
package language

import (
	"stco/model/workload/template"
)

// Templates are the kinds of networks of the package, with their defaults.
var Templates = template.Kinds{
	"bert":        func() template.Template { return &bert{Vocab: 30522, Positions: 512, Types: 2, Pooler: true} },
	"gpt":         func() template.Template { return &gpt{Vocab: 50257, Positions: 1024} },
	"llama":       newLlama,
	"moe":         newLlama,
	"transformer": func() template.Template { return &transformer{Act: "relu"} },
	"t5":          func() template.Template { return &t5{Vocab: 32128} },
	"whisper":     func() template.Template { return &whisper{Frames: 3000, Tokens: 448} },
	"lstm":        func() template.Template { return &lstm{} },
	"gnmt":        func() template.Template { return &gnmt{} },
	"rnnt":        func() template.Template { return &rnnt{Symbols: 64} },
	"mamba": func() template.Template {
		return &mamba{Conv: 4, Expand: 2, HeadSize: 64, Groups: 1, Chunk: 256, Scan: "recurrent"}
	},
	"dlrm": func() template.Template { return &dlrm{Width: 128, Dense: 13} },
}
