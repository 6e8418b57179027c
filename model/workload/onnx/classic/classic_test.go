package classic_test

import "testing"

// TestModels: rows of 3 features: 2 scores of a linear model, 4 support vectors, trees
// of 3 and 5 nodes, by hand.
func TestModels(t *testing.T) {
	const x = "x 6 3;"
	const vectors = " support_vectors=[1.,2.,3.,4.,5.,6.,7.,8.,9.,1.,2.,3.]"
	const forest = " nodes_treeids=[0,0,0,1,1,1,1,1] nodes_nodeids=[0,1,2,0,1,2,3,4] nodes_truenodeids=[1,0,0,1,3,0,0,0] nodes_falsenodeids=[2,0,0,2,4,0,0,0]"
	check(t, 17, map[string]string{
		x + "y = Scaler@ai.onnx.ml x":     "18 elements, 0 parameters, 0 products: elementwise",
		x + "y = Normalizer@ai.onnx.ml x": "18 elements, 0 parameters, 0 products: norm",
		x + "y = LinearRegressor@ai.onnx.ml x coefficients=[1.,2.,3.,4.,5.,6.] intercepts=[1.,2.] targets=2":                                                                                          "12 elements, 8 parameters, 36 products: linear",
		x + "l,y = LinearClassifier@ai.onnx.ml x coefficients=[1.,2.,3.,4.,5.,6.] intercepts=[1.,2.] post_transform=SOFTMAX":                                                                          "6 12 elements, 8 parameters, 36 products: linear softmax pool",
		x + "l,y = LinearClassifier@ai.onnx.ml x coefficients=[1.,2.,3.] classlabels_ints=[0,1] post_transform=LOGISTIC":                                                                              "6 12 elements, 3 parameters, 18 products: linear activation elementwise pool",
		x + "y = SVMRegressor@ai.onnx.ml x n_supports=4 coefficients=[1.,2.,3.,4.] kernel_type=RBF" + vectors:                                                                                         "6 elements, 16 parameters, 96 products: linear activation linear", // 6 x 4 x 3, 6 x 4
		x + "y = SVMRegressor@ai.onnx.ml x n_supports=0 coefficients=[1.,2.,3.]":                                                                                                                      "6 elements, 3 parameters, 18 products: linear",
		x + "l,y = SVMClassifier@ai.onnx.ml x vectors_per_class=[1,1,2] coefficients=[1.,2.,3.,4.,5.,6.,7.,8.]" + vectors:                                                                             "6 18 elements, 20 parameters, 120 products: linear linear elementwise pool",
		x + "y = TreeEnsembleRegressor@ai.onnx.ml x target_ids=[0,0,0,0,0] target_weights=[1.,2.,3.,4.,5.]" + forest:                                                                                  "6 elements, 0 parameters, 0 products: elementwise elementwise",
		x + "l,y = TreeEnsembleClassifier@ai.onnx.ml x class_ids=[0,1,2,0,1] class_weights=[1.,2.,3.,4.,5.]" + forest:                                                                                 "6 18 elements, 0 parameters, 0 products: elementwise elementwise pool",
		x + "y = TreeEnsemble@ai.onnx.ml x n_targets=2 tree_roots=[0] nodes_truenodeids=[1,0,2] nodes_falsenodeids=[2,1,3] nodes_trueleafs=[0,1,1] nodes_falseleafs=[0,1,1] leaf_targetids=[0,1,0,1]": "12 elements, 0 parameters, 0 products: elementwise elementwise",
		x + "i ints 0 2; y = ArrayFeatureExtractor@ai.onnx.ml x i":                                                                                                                                    "12 elements, 0 parameters, 0 products: elementwise",
		x + "z 6 2; f = FeatureVectorizer@ai.onnx.ml x z; y = Relu f":                                                                                                                                 "30 elements, 0 parameters, 0 products: activation",
		x + "z = ZipMap@ai.onnx.ml x; y = Relu z":                                                                                                                                                     "18 elements, 0 parameters, 0 products: activation",
	})
	refuse(t, 17, map[string]string{
		"x 2 6 3; y = Normalizer@ai.onnx.ml x":                                                          "input of dimensions [2 6 3]: rows of features are expected",
		x + "y = LinearRegressor@ai.onnx.ml x coefficients=[1.,2.]":                                     "2 coefficients for 3 features",
		x + "y = SVMRegressor@ai.onnx.ml x n_supports=5 coefficients=[1.,2.,3.,4.,5.]" + vectors:        "5 support vectors of 3 features, 12 numbers and 5 coefficients",
		x + "y = TreeEnsembleRegressor@ai.onnx.ml x target_ids=[0]":                                     "0 and 0 branches",
		x + "z 5 2; y = FeatureVectorizer@ai.onnx.ml x z":                                               "5 rows beside 6",
		x + "y = DictVectorizer@ai.onnx.ml x":                                                           "operator is not supported",
		x + "y = TreeEnsembleRegressor@ai.onnx.ml x nodes_truenodeids=[0] nodes_falsenodeids=[0]":       "0 trees and 0 numbers of 1 nodes",
		x + "y = TreeEnsemble@ai.onnx.ml x tree_roots=[0] nodes_truenodeids=[0] nodes_falsenodeids=[0]": "0 and 0 flags of 1 nodes",
		x + "i ints 0; y = SVMRegressor@ai.onnx.ml x n_supports=0 coefficients=[1.,2.]":                 "2 coefficients for 3 features",
	})
}

// TestForest: the comparisons of a row are those of the longest path of every tree: 1
// of one split, 2 of one below another.
func TestForest(t *testing.T) {
	n, err := network(t, 17, "x 6 3; y = TreeEnsembleRegressor@ai.onnx.ml x target_ids=[0] nodes_treeids=[0,0,0,1,1,1,1,1] nodes_nodeids=[0,1,2,0,1,2,3,4] nodes_truenodeids=[1,0,0,1,3,0,0,0] nodes_falsenodeids=[2,0,0,2,4,0,0,0]")
	if err != nil {
		t.Fatal(err)
	}
	if last := n.Ops[len(n.Ops)-1]; last.Vec != 6*(1+2) {
		t.Errorf("%d comparisons, want 18", last.Vec)
	}
}
