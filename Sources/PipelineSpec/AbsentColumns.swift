internal import Expressions
internal import Records
internal import SourceStage

/// Columns that a CSV file has not, and that may be null: a misspelt name among them is null in every row.
extension PipelineCompiler {
  /// Warns of those of a source's file.
  ///
  /// - Parameter columns: what the source declares, by name.
  func warnOfAbsentColumns(_ path: String, _ format: SourceFormat, _ shape: RecordShape, _ columns: YAMLValue?) {
    guard format == .csv, FileFacts.kind(path) == .regular else { return }
    // Where it cannot be read, that is a mistake, which is reported as one.
    let most = CSVHeader.longest
    guard let head = try? FileFacts.read(path, atMost: most),
      CSVHeader.check(firstBytes: head, isAll: head.count < most, shape: shape, inputName: path) == nil
    else { return }
    warnOfAbsentColumns(firstBytes: head, shape, columns, path: path)
  }

  func warnOfAbsentColumns(firstBytes: [UInt8], _ shape: RecordShape, _ columns: YAMLValue?, path: String) {
    guard let header = CSVHeader.names(firstBytes: firstBytes) else { return }
    for (field, reading) in zip(shape.schema.fields, shape.readings) where field.isNullable {
      let names = reading.inputs.map(\.name)
      let absent = names.filter { name in !header.contains { $0.lowercased() == name.lowercased() } }
      // A column that is put together is null only where none of its parts is there.
      guard absent.count == names.count, let declared = Self.declared(field.name, in: columns) else { continue }
      let others = Set(shape.readings.flatMap { $0.inputs.map { $0.name.lowercased() } })
      let nearest = NearestName.of(names[0], among: header.filter { !others.contains($0.lowercased()) })
      diagnostics.warn(
        "'\(path)' has no column \(absent.map { "'\($0)'" }.joined(separator: ", ")), so '\(field.name)' is null in every row",
        at: declared,
        remedy: nearest.map { "did you mean '\($0)'?" }
          ?? "remove it, or say that it may be missing: `\(field.name): { type: \(field.spelling), optional: true }`"
      )
    }
  }

  /// Where a source declares a column by its name; nil where it says that the file may lack it, and where a schema file
  /// declares it, which may be of another age than the data.
  private static func declared(_ name: String, in columns: YAMLValue?) -> Place? {
    guard case .mapping(let pairs)? = columns?.content, let pair = pairs.first(where: { $0.key.name == name }),
      pair.value["optional"]?.scalar != "true"
    else { return nil }
    return pair.key.place
  }
}
