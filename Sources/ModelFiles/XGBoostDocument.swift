// swift-format-ignore-file: AlwaysUseLowerCamelCase

/// XGBoost's JSON model format, versions 1.0 to 3.x, as far as it bears on a score. The names of the properties are the
/// names of the fields, so that an error's path is the field's place in the file.
struct XGBoostDocument: Decodable {
  var learner: Learner

  struct Learner: Decodable {
    var learner_model_param: LearnerParameters
    var objective: Named
    var gradient_booster: Booster
    var feature_names: [String]?
    /// `c` for a categorical one.
    var feature_types: [String]?
  }

  /// Numbers written as strings.
  struct LearnerParameters: Decodable {
    var base_score: String
    var num_feature: String
    var num_class: String?
    var num_target: String?
  }

  struct Named: Decodable {
    var name: String
  }

  /// `gbtree` has `model`; `dart` nests a gbtree and adds a weight for each tree; `gblinear` has weights in `model`.
  struct Booster: Decodable {
    var name: String
    var forest: Forest?
    var weight_drop: [Float]?
    var linear: Linear?

    enum CodingKeys: String, CodingKey { case name, model, gbtree, weight_drop }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      name = try fields.decode(String.self, forKey: .name)
      switch name {
      case "gbtree": forest = try fields.decode(Forest.self, forKey: .model)
      case "dart":
        forest = try fields.decode(Nested.self, forKey: .gbtree).model
        weight_drop = try fields.decode([Float].self, forKey: .weight_drop)
      case "gblinear": linear = try fields.decode(Linear.self, forKey: .model)
      default: break
      }
    }
  }

  struct Nested: Decodable {
    var model: Forest
  }

  struct Linear: Decodable {
    var weights: [Float]
  }

  struct Forest: Decodable {
    var gbtree_model_param: ForestParameters?
    var trees: [Tree]
    /// Since 3.1: the categories that the training data had.
    var cats: Categories?
  }

  /// An entry for each feature; strings, one after the other as UTF-8 bytes, have offsets.
  struct Categories: Decodable {
    var enc: [Values]

    struct Values: Decodable {
      var offsets: [Int]?
      var values: [Int64]

      /// Categories that are neither whole numbers nor text are left out.
      init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        offsets = try fields.decodeIfPresent([Int].self, forKey: .offsets)
        values = (try? fields.decode([Int64].self, forKey: .values)) ?? []
      }

      enum CodingKeys: String, CodingKey { case offsets, values }
    }
  }

  struct ForestParameters: Decodable {
    var num_trees: String
  }

  struct Tree: Decodable {
    var tree_param: TreeParameters
    var left_children: [Int32]
    var right_children: [Int32]
    var split_indices: [Int32]
    /// Thresholds and leaf values; null, which stands for NaN, at splits by category before version 3.
    var split_conditions: [Float?]
    var default_left: [Flag]
    /// Absent before categorical splits were known.
    var split_type: [Int32]?
    /// The nodes that split by category, and where in `categories` each one's stand.
    var categories_nodes: [Int]?
    var categories_segments: [Int]?
    var categories_sizes: [Int]?
    var categories: [Int]?
    var sum_hessian: [Float]?
  }

  struct TreeParameters: Decodable {
    var num_nodes: String
    var size_leaf_vector: String?
  }

  /// 0 and 1 since XGBoost 1.6 or so, a boolean before.
  struct Flag: Decodable {
    var isSet: Bool

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      do { isSet = try value.decode(Bool.self) } catch { isSet = try value.decode(Int32.self) != 0 }
    }
  }
}
