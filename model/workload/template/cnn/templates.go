// Package cnn holds the templates of convolutional classifiers. The declarations
// follow torchvision 0.14, whose module names the layers have.
package cnn

import (
	"stco/model/workload/template"
)

// Templates are the kinds of networks of the package, with their defaults.
var Templates = template.Kinds{
	"alexnet":      func() template.Template { return &alexnet{Classes: 1000} },
	"vgg":          func() template.Template { return &vgg{Classes: 1000} },
	"resnet":       func() template.Template { return &ResNet{Groups: 1, Width: 64, Classes: 1000} },
	"densenet":     func() template.Template { return &densenet{Stem: 64, Classes: 1000} },
	"squeezenet":   func() template.Template { return &squeezenet{Classes: 1000} },
	"googlenet":    func() template.Template { return &googlenet{Classes: 1000} },
	"inception_v3": func() template.Template { return &inceptionV3{Classes: 1000} },
	"mobilenet_v2": func() template.Template { return &mobilenetV2{Classes: 1000} },
	"mobilenet_v3": func() template.Template { return &mobilenetV3{Classes: 1000} },
	"mnasnet":      func() template.Template { return &mnasnet{Width: 1, Classes: 1000} },
	"efficientnet": func() template.Template { return &efficientnet{Width: 1, Depth: 1, Stem: 32, Classes: 1000} },
	"regnet":       func() template.Template { return &regnet{Classes: 1000} },
	"shufflenet":   func() template.Template { return &shufflenet{Classes: 1000} },
	"convnext":     func() template.Template { return &convnext{Classes: 1000} },
}
