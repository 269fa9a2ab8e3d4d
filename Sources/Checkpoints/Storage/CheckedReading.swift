extension Storage {
  /// The length of a file that has to be there.
  func checkedSize(of name: String) throws(CheckpointDamage) -> Int {
    let size: Int?
    do throws(StorageError) { size = try self.size(of: name) } catch {
      throw CheckpointDamage(path(name), error.description)
    }
    guard let size else { throw CheckpointDamage(path(name), "there is no such file") }
    return size
  }

  /// Bytes that have to be there.
  func checkedRead(_ name: String, at offset: Int, count: Int) throws(CheckpointDamage) -> [UInt8] {
    let bytes: [UInt8]
    do throws(StorageError) { bytes = try read(name, at: offset, count: count) } catch {
      throw CheckpointDamage(path(name), at: offset, error.description)
    }
    guard bytes.count == count else { throw CheckpointDamage(path(name), at: offset + bytes.count, "it ends here") }
    return bytes
  }
}
