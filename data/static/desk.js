// Datasette answers 400 to an empty search in a full-text index: leave the field out of the form when it is empty.
document.addEventListener("formdata", (event) => {
  if (!(event.formData.get("_search") || "").replaceAll('"', "").trim()) event.formData.delete("_search");
});
