--- What a plan's code would change, as a unified diff. Changes no buffer of the user's.
local M = {}

---@param bufnr integer
---@param result codeplan.Result the value of codeplan.showPlans
---@param encoding string the client's offset encoding
function M.add(bufnr, result, encoding)
  -- Edits for another text than the buffer's would show something that was never proposed.
  if not result.version or vim.lsp.util.buf_versions[bufnr] ~= result.version then
    return
  end
  local lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
  for _, plan in ipairs(result.plans) do
    if plan.edits and #plan.edits > 0 then
      plan.diff = M.of(lines, plan.edits, encoding)
    end
  end
end

--- The diff of lines before and after edits, without a head.
---@param lines string[]
---@param edits lsp.TextEdit[]
---@param encoding string
---@return string
function M.of(lines, edits, encoding)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.lsp.util.apply_text_edits(edits, buffer, encoding)
  local changed = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  vim.api.nvim_buf_delete(buffer, { force = true })
  local function text(of)
    return table.concat(of, '\n') .. '\n'
  end
  local compare = vim.text and vim.text.diff or vim.diff
  return vim.trim(compare(text(lines), text(changed), { ctxlen = 2 }))
end

return M
