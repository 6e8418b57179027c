// Package vision holds the templates of vision transformers, detectors, segmentation
// and diffusion.
package vision

import (
	"stco/model/workload/template"
)

// Templates are the kinds of networks of the package, with their defaults.
var Templates = template.Kinds{
	"vit":       func() template.Template { return &vit{Classes: 1000} },
	"swin":      func() template.Template { return &swin{Version: 1, Classes: 1000} },
	"maxvit":    func() template.Template { return &maxvit{Classes: 1000} },
	"sam":       func() template.Template { return &sam{} },
	"ssd300":    func() template.Template { return &ssd300{Classes: 91} },
	"retinanet": func() template.Template { return &retinanet{Depths: []int64{3, 4, 6, 3}, Anchors: 9, Classes: 91} },
	"rcnn":      func() template.Template { return &rcnn{Depths: []int64{3, 4, 6, 3}, Proposals: 1000, Classes: 91} },
	"yolov3":    func() template.Template { return &yolov3{Classes: 80} },
	"yolov5":    func() template.Template { return &yolov5{Classes: 80} },
	"yolov8":    func() template.Template { return &yolov8{Classes: 80} },
	"yolo11":    func() template.Template { return &yolo11{Classes: 80} },
	"unet":      func() template.Template { return &unet{Width: 64, Levels: 4, Input: 1, Classes: 2} },
	"unet3d":    func() template.Template { return &unet3d{Input: 1, Classes: 3} },
	"mixer":     func() template.Template { return &mixer{Classes: 1000} },
	"segment":   func() template.Template { return &segment{Classes: 21} },
	"flux":      func() template.Template { return &flux{Text: 4096, Pooled: 768, Tokens: 512} },
	"dit":       func() template.Template { return &dit{Classes: 1000} },
	"sd_unet":   func() template.Template { return &sdUNet{Tokens: 77} },
}
