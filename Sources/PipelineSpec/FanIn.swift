internal import Expressions
internal import Plan
internal import Records

/// What a stage reads: the columns of one other stage, or of several by their names.
struct FanIn {
  /// nil where those of a stage that it reads are not known.
  private(set) var schema: Schema?
  /// For each of the stages that it reads.
  private(set) var deliveries: [DeliveryPlan] = []

  /// - Parameter outputs: the columns of the stages before, as far as they are known.
  init(_ stage: DeclaredStage, _ outputs: [String: Schema], _ diagnostics: Diagnostics) {
    let known = stage.from.compactMap { from in outputs[from.text].map { (from: from, schema: $0) } }
    guard known.count == stage.from.count, let first = known.first else { return }
    guard known.contains(where: { $0.schema != first.schema }) else {
      schema = first.schema
      deliveries = known.map { _ in DeliveryPlan() }
      return
    }
    var columns: [(field: Field, owner: String)] = []
    for (from, schema) in known {
      for field in schema.fields {
        guard let index = columns.firstIndex(where: { $0.field.name == field.name }) else {
          columns.append((field, from.text))
          continue
        }
        let (other, owner) = columns[index]
        if other.type != field.type {
          diagnostics.report(
            "column '\(field.name)' of stage '\(stage.name)' is \(field.type) in '\(from.text)' and \(other.type) in '\(owner)'",
            at: from.place,
            remedy: "give it one type in both, or one of them another name"
          )
          return
        }
        if field.isNullable { columns[index].field = field }
      }
    }
    let merged = Schema(
      columns.map { column, _ in
        let isEverywhere = known.allSatisfy { $0.schema.index(of: column.name) != nil }
        return Field(column.name, column.type, nullable: column.isNullable || !isEverywhere)
      }
    )
    schema = merged
    deliveries = known.map { _, own in
      var delivery = DeliveryPlan()
      if own != merged {
        delivery.columns = DeliveryPlan.Columns(schema: merged, sources: merged.fields.map { own.index(of: $0.name) })
      }
      return delivery
    }
  }
}
