import Foundation
import ModelFiles
import Models
import Testing

/// LightGBM files that are damaged, or of models that have no single score.
@Suite struct LightGBMTextTests {
  private func error(_ text: String) -> String? {
    do throws(ModelFileError) {
      _ = try ModelFile.load(bytes: Array(text.utf8))
      return nil
    } catch {
      #expect(!error.remedy.isEmpty)
      return error.message
    }
  }

  private static func model(_ changes: [(String, String)] = []) throws -> String {
    changes.reduce(small) { text, change in
      #expect(text.contains(change.0), "\(change.0)")
      return text.replacing(change.0, with: change.1)
    }
  }

  private static let small = """
    tree
    version=v4
    num_class=1
    num_tree_per_iteration=1
    max_feature_idx=1
    objective=binary sigmoid:1
    feature_names=a b
    tree_sizes=300

    Tree=0
    num_leaves=4
    num_cat=1
    split_feature=0 1 0
    threshold=0.5 0 1e-300
    decision_type=8 1 2
    left_child=1 -1 -3
    right_child=2 -2 -4
    leaf_value=1 2 3 4
    leaf_count=10 20 30 40
    internal_count=100 30 70
    cat_boundaries=0 1
    cat_threshold=5
    is_linear=0
    shrinkage=1


    end of trees

    pandas_categorical:[["x", "y", "z"]]
    """

  @Test func aSmallTreeIsRead() throws {
    let loaded = try ModelFile.load(bytes: Array(try Self.model([("objective=binary sigmoid:1\n", "")]).utf8))
    #expect(loaded.featureNames == ["a", "b"])
    // The training did not say which columns are categorical.
    #expect(loaded.categories == [1: .numbered])
    // Category 0 and 2 go to the left; what is missing in `a` counts as 0 at the third split.
    let rows: [Double] = [0.5, 0, 0.5, 1, 0.4, 2, -1, .nan, .nan, 0, .infinity, 0, 0.6, 7]
    #expect(scores(loaded.model, rows) == [1, 2, 1, 2, 3, 4, 4])
  }

  @Test func categoriesOfPandasHaveNames() throws {
    let text = try Self.model() + "\n\nparameters:\n[categorical_feature: 1]\nend of parameters\n"
    #expect(try ModelFile.load(bytes: Array(text.utf8)).categories == [1: .texts(["x", "y", "z"])])
    let numbers = text.replacing(#"["x", "y", "z"]"#, with: "[3, 5]")
    #expect(try ModelFile.load(bytes: Array(numbers.utf8)).categories == [1: .integers([3, 5])])
    // A frame with other categorical columns than the training's says nothing.
    let others = text.replacing("feature: 1]", with: "feature: 0,1]")
    #expect(try ModelFile.load(bytes: Array(others.utf8)).categories == [0: .numbered, 1: .numbered])
  }

  @Test func wrongFilesAreRefusedByName() throws {
    let cases: [(String, String, String)] = [
      ("num_class=1", "num_class=3", "num_class is 3: the model has several outputs"),
      ("max_feature_idx=1", "max_feature_idx=x", "max_feature_idx is \"x\", not a number"),
      (
        "max_feature_idx=1", "max_feature_idx=99999", "max_feature_idx is 99999: the model has more than 13107 features"
      ),
      ("max_feature_idx=1", "max_feature_idx=0", "feature_names has 2 entries, not 1"),
      (
        "max_feature_idx=1\nobjective=binary sigmoid:1\nfeature_names=a b", "max_feature_idx=0",
        "Tree=0: split_feature[1] is above max_feature_idx"
      ),
      ("objective=binary sigmoid:1", "objective=multiclass num_class:3", "objective is \"multiclass\""),
      ("objective=binary sigmoid:1", "objective=cross_entropy_lambda", "objective is \"cross_entropy_lambda\""),
      ("sigmoid:1", "sigmoid:inf", "the leaf values add up beyond double precision"),
      ("tree_sizes=300", "tree_sizes=300 300", "there are 1 trees, not 2"),
      ("Tree=0", "Tree=1", "the tree after 0 others is number 1"),
      ("is_linear=0", "is_linear=1", "Tree=0: is_linear is 1: its leaves hold linear models"),
      ("num_leaves=4", "num_leaves=0", "Tree=0: num_leaves is \"0\", not a count"),
      ("num_leaves=4", "num_leaves=9223372036854775807", "Tree=0: leaf_value has 4 entries, not 9223372036854775807"),
      ("leaf_value=1 2 3 4", "leaf_value=1 2 3", "Tree=0: leaf_value has 3 entries, not 4"),
      ("leaf_value=1 2 3 4", "leaf_value=1 2 x 4", "Tree=0: leaf_value[2] is \"x\""),
      ("leaf_value=1 2 3 4", "leaf_value=1 2 inf 4", "Tree=0: a threshold or leaf_value is not a finite number"),
      ("leaf_value=1 2 3 4", "leaf_value=1 2 1e300 4", "the leaf values add up beyond double precision"),
      ("leaf_value=1 2 3 4\n", "", "Tree=0: leaf_value is missing"),
      ("left_child=1 -1 -3", "left_child=1 -1 -5", "Tree=0: left_child[2] is no node of the tree"),
      ("right_child=2 -2 -4", "right_child=2 -2147483648 -4", "Tree=0: right_child[1] is no node of the tree"),
      (
        "left_child=1 -1 -3", "left_child=1 0 -3",
        "Tree=0: left_child and right_child lead to a node twice: this is no tree"
      ),
      ("decision_type=8 1 2", "decision_type=12 1 2", "Tree=0: decision_type[0] is 12"),
      ("threshold=0.5 0 ", "threshold=0.5 1 ", "Tree=0: threshold[1] is 1.0, not one of 1 sets of categories"),
      ("threshold=0.5 0 ", "threshold=0.5 nan ", "Tree=0: threshold[1] is nan, not one of 1 sets of categories"),
      ("num_cat=1", "num_cat=-1", "Tree=0: num_cat is \"-1\", not a count"),
      ("cat_boundaries=0 1", "cat_boundaries=1 0", "Tree=0: cat_boundaries do not rise from 0"),
      ("cat_boundaries=0 1", "cat_boundaries=0 2", "Tree=0: cat_threshold has 1 entries, not 2"),
      ("cat_boundaries=0 1", "cat_boundaries=0 99999999", "Tree=0: cat_boundaries do not rise from 0"),
      ("leaf_count=10", "leaf_count=-1", "Tree=0: internal_count or leaf_count holds what is no count"),
      ("end of trees", "", "the file ends before \"end of trees\": it is truncated"),
    ]
    for (old, new, message) in cases { #expect(error(try Self.model([(old, new)])) == message, "\(new)") }
  }
}
