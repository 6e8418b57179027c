// Package classic turns the operators of ai.onnx.ml, of models that are no networks,
// into operators of a network: linear models and support vectors are products, the
// rest functions of every element and look-ups.
package classic

import (
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// Lookup returns what converts an operator, named with its domain; nil for others.
func Lookup(op string) func(*walk.Importer, *onnx.Node) error {
	name, ours := strings.CutPrefix(op, "ai.onnx.ml.")
	if !ours {
		return nil
	}
	switch name {
	case "Scaler", "Imputer", "Binarizer", "LabelEncoder":
		return perElement
	case "Normalizer":
		return normalizer
	case "LinearClassifier", "LinearRegressor":
		return linear
	case "SVMClassifier", "SVMRegressor":
		return supportVectors
	case "TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble":
		return trees
	case "ArrayFeatureExtractor":
		return extract
	case "FeatureVectorizer":
		return join
	case "ZipMap":
		return named
	}
	return nil
}

// table returns input i of rows of features; a vector is one row.
func table(im *walk.Importer, n *onnx.Node) (x *walk.Entry, rows, features int64, err error) {
	if x, err = im.Data(n); err != nil {
		return nil, 0, 0, err
	}
	switch len(x.Dims) {
	case 1:
		return x, 1, x.Dims[0], nil
	case 2:
		return x, x.Dims[0], x.Dims[1], nil
	}
	return nil, 0, 0, fmt.Errorf("input of dimensions %v: rows of features are expected", x.Dims)
}

func perElement(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	return im.Give(n, 0, x.Dims, im.B.Pointwise(n.Name, graph.Scale, x.Val))
}

func normalizer(im *walk.Importer, n *onnx.Node) error {
	x, rows, _, err := table(im, n)
	if err != nil {
		return err
	}
	return im.Give(n, 0, x.Dims, im.B.NormWith(n.Name, x.Val, graph.RMSNorm, rows))
}

// linear adds a product with the coefficients, and the label of the greatest score.
func linear(im *walk.Importer, n *onnx.Node) error {
	x, rows, features, err := table(im, n)
	if err != nil {
		return err
	}
	coefficients := int64(len(n.AttrFloats("coefficients")))
	if features < 1 || coefficients < 1 || coefficients%features != 0 {
		return fmt.Errorf("%d coefficients for %d features", coefficients, features)
	}
	params := []int32{im.B.Param(n.Name+".coefficients", coefficients)}
	if k := int64(len(n.AttrFloats("intercepts"))); k > 0 {
		params = append(params, im.B.Param(n.Name+".intercepts", k))
	}
	f := coefficients / features
	y := im.B.LinearWith(n.Name, im.B.Reshape(x.Val, features, rows, 1), f, params...)
	return scores(im, n, y, rows, f, n.Op == "LinearClassifier")
}

// scores gives scores of rows, behind the labels where a classifier has those.
func scores(im *walk.Importer, n *onnx.Node, y graph.Value, rows, f int64, labels bool) error {
	switch n.AttrString("post_transform", "NONE") {
	case "SOFTMAX", "SOFTMAX_ZERO":
		y = im.B.Softmax(n.Name+".softmax", im.B.Reshape(y, f, rows, 1))
	case "LOGISTIC", "PROBIT":
		y = im.B.Act(n.Name+".logistic", y, graph.Sigmoid)
	}
	if !labels {
		return im.Give(n, 0, []int64{rows, f}, y)
	}
	classes := max(f, int64(len(n.AttrInts("classlabels_ints"))), int64(len(n.AttrInts("classlabels_int64s"))))
	if classes == 2*f { // one score of two classes gives both
		y, f = im.B.Copy(n.Name+".both", y, rows*classes), classes
	}
	if len(n.Out) > 0 && n.Out[0] != "" {
		if err := im.Give(n, 0, []int64{rows}, im.B.GlobalPool(n.Name+".label", im.B.Reshape(y, rows, f, 1), 1, 1)); err != nil {
			return err
		}
		im.Tensors[n.Out[0]].Type = onnx.TypeInt64
	}
	return im.Give(n, 1, []int64{rows, f}, y)
}

// supportVectors adds the products of rows with the support vectors, the function of
// the kernel, and their sum with coefficients.
func supportVectors(im *walk.Importer, n *onnx.Node) error {
	x, rows, features, err := table(im, n)
	if err != nil {
		return err
	}
	perClass := n.AttrInts("vectors_per_class")
	count := n.AttrInt("n_supports", 0)
	for _, k := range perClass {
		count += k
	}
	coefficients := int64(len(n.AttrFloats("coefficients")))
	classifier := n.Op == "SVMClassifier"
	in := im.B.Reshape(x.Val, features, rows, 1)
	if count == 0 { // coefficients of the features themselves
		if features < 1 || coefficients < 1 || coefficients%features != 0 {
			return fmt.Errorf("%d coefficients for %d features", coefficients, features)
		}
		f := coefficients / features
		return scores(im, n, im.B.LinearWith(n.Name, in, f, im.B.Param(n.Name+".coefficients", coefficients)), rows, f, classifier)
	}
	if vectors := int64(len(n.AttrFloats("support_vectors"))); count < 1 || count > onnx.MaxElements/max(1, features) || vectors != count*features || coefficients%count != 0 || coefficients < 1 {
		return fmt.Errorf("%d support vectors of %d features, %d numbers and %d coefficients", count, features, vectors, coefficients)
	}
	k := im.B.LinearWith(n.Name+".vectors", in, count, im.B.Param(n.Name+".support_vectors", count*features))
	if n.AttrString("kernel_type", "LINEAR") != "LINEAR" {
		k = im.B.Act(n.Name+".kernel", k, graph.Tanh)
	}
	f := coefficients / count
	y := im.B.LinearWith(n.Name+".sum", k, f, im.B.Param(n.Name+".coefficients", coefficients))
	if c := int64(len(perClass)); classifier && c > 2 { // votes between every two classes
		return scores(im, n, im.B.Copy(n.Name+".votes", y, rows*c), rows, c, true)
	}
	return scores(im, n, y, rows, f, classifier)
}

// extract copies chosen columns.
func extract(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	at := im.Arg(n, 1)
	if at == nil || len(x.Dims) < 1 {
		return fmt.Errorf("columns of %v", x.Dims)
	}
	dims := slices.Clone(x.Dims)
	if dims[len(dims)-1] = at.Elems(); len(dims) == 1 {
		dims = []int64{1, at.Elems()}
	}
	elems, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	return im.Give(n, 0, dims, im.B.Copy(n.Name, x.Val, elems))
}

// join puts columns beside each other: no data move.
func join(im *walk.Importer, n *onnx.Node) error {
	var vs []graph.Value
	rows, columns := int64(1), int64(0)
	for i := range n.In {
		x, err := im.DataArg(n, i)
		if err != nil {
			return err
		}
		r := int64(1)
		if len(x.Dims) > 1 {
			r = x.Dims[0]
		}
		if i > 0 && r != rows || r < 1 {
			return fmt.Errorf("%d rows beside %d", r, rows)
		}
		rows, columns = r, columns+x.Elems()/r
		vs = append(vs, x.Val)
	}
	if len(vs) == 0 {
		return fmt.Errorf("no inputs")
	}
	return im.Give(n, 0, []int64{rows, columns}, im.B.Tail(vs...))
}

// named passes scores on under the names of their classes.
func named(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	return im.Give(n, 0, x.Dims, x.Val)
}
