# Por que tarefas estão bloqueadas, pelos códigos guardados com elas.

blocked-open-critical-risk = O cliente tem um risco crítico aberto. Encerre-o primeiro ou pule esta tarefa com um motivo.
