package classic

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// trees adds an ensemble of decision trees: for every row one comparison for each
// node on the longest path of each tree, and the sum over the trees. Its parameters
// are a threshold for every inner node and the numbers at the leaves.
func trees(im *walk.Importer, n *onnx.Node) error {
	x, rows, _, err := table(im, n)
	if err != nil {
		return err
	}
	steps, numbers, err := forest(n)
	if err != nil {
		return err
	}
	targets := n.AttrInt("n_targets", 0)
	classifier := n.Op == "TreeEnsembleClassifier"
	for _, name := range []string{"class_ids", "target_ids", "leaf_targetids"} {
		for _, v := range n.AttrInts(name) {
			targets = max(targets, v+1)
		}
	}
	if classifier {
		targets = max(targets, int64(len(n.AttrInts("classlabels_int64s"))))
	}
	if targets < 1 || targets > 1<<20 || rows < 1 || steps > onnx.MaxElements/rows {
		return fmt.Errorf("%d targets, %d comparisons for %d rows", targets, steps, rows)
	}
	p := im.B.FrozenParam(n.Name+".nodes", numbers)
	y := im.B.PointwiseOver(n.Name, graph.ParamMul, im.B.Copy(n.Name+".rows", x.Val, rows*targets), rows*steps, p)
	return scores(im, n, y, rows, targets, classifier)
}

// forest returns the comparisons of one row, on the longest path of every tree, and
// the numbers of all nodes.
func forest(n *onnx.Node) (steps, numbers int64, err error) {
	type place struct{ tree, node int64 }
	yes, no := n.AttrInts("nodes_truenodeids"), n.AttrInts("nodes_falsenodeids")
	if len(yes) < 1 || len(yes) != len(no) {
		return 0, 0, fmt.Errorf("%d and %d branches", len(yes), len(no))
	}
	if n.Op == "TreeEnsemble" { // one list of inner nodes, and one of leaves
		return flat(n, yes, no)
	}
	ids, nodes := n.AttrInts("nodes_treeids"), n.AttrInts("nodes_nodeids")
	if len(ids) != len(yes) || len(nodes) != len(yes) {
		return 0, 0, fmt.Errorf("%d trees and %d numbers of %d nodes", len(ids), len(nodes), len(yes))
	}
	at := map[place]int{}
	for i := range ids {
		at[place{ids[i], nodes[i]}] = i
	}
	depth := make([]int64, len(yes)) // of the tree below, 1 for a leaf; -1 while it is open
	var below func(i int) int64
	below = func(i int) int64 {
		if depth[i] == 0 {
			depth[i] = -1
			longest := int64(0)
			for _, next := range []int64{yes[i], no[i]} {
				if k, ok := at[place{ids[i], next}]; ok && next != nodes[i] && next != 0 {
					longest = max(longest, below(k))
				}
			}
			depth[i] = longest + 1
		}
		return max(0, depth[i])
	}
	root := map[int64]bool{}
	for i := range ids {
		if !root[ids[i]] { // the first node of a tree is its root
			root[ids[i]] = true
			steps += below(i) - 1
		}
	}
	leaves := max(len(n.AttrFloats("class_weights")), len(n.AttrFloats("target_weights")))
	return max(1, steps), int64(len(yes) + leaves), nil
}

// flat is forest of operator set 5: branches are places in the list, of leaves where
// a flag says so.
func flat(n *onnx.Node, yes, no []int64) (steps, numbers int64, err error) {
	yesLeaf, noLeaf := n.AttrInts("nodes_trueleafs"), n.AttrInts("nodes_falseleafs")
	if len(yesLeaf) != len(yes) || len(noLeaf) != len(yes) {
		return 0, 0, fmt.Errorf("%d and %d flags of %d nodes", len(yesLeaf), len(noLeaf), len(yes))
	}
	depth := make([]int64, len(yes))
	var below func(i int64) int64
	below = func(i int64) int64 {
		if i < 0 || i >= int64(len(yes)) || depth[i] < 0 {
			return 0
		}
		if depth[i] == 0 {
			depth[i] = -1
			longest := int64(0)
			if yesLeaf[i] == 0 {
				longest = below(yes[i])
			}
			if noLeaf[i] == 0 {
				longest = max(longest, below(no[i]))
			}
			depth[i] = longest + 1
		}
		return depth[i]
	}
	for _, root := range n.AttrInts("tree_roots") {
		steps += below(root)
	}
	return max(1, steps), int64(len(yes) + len(n.AttrInts("leaf_targetids"))), nil
}
