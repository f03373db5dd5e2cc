# Por que tarefas estão bloqueadas, pelos códigos guardados com elas.

blocked-open-critical-risk = O cliente tem um risco crítico aberto. Encerre-o primeiro ou pule esta tarefa com um motivo.
blocked-plugin-disabled = O plugin { $plugin } está desativado. Ative-o ou pule esta tarefa com um motivo.
blocked-plugin-uninstalled = O plugin { $plugin } não está instalado. Instale-o ou pule esta tarefa com um motivo.
blocked-plugin-failed = O plugin { $plugin } falhou: { $told }. As chamadas dele dizem mais a quem cuida dos plugins. Tente de novo, instale uma versão que funcione ou pule esta tarefa com um motivo.

# Como as pessoas chamam os tipos de tarefas da plataforma.

task-type-core-standard = Padrão
task-type-core-interaction = Interação
task-type-core-survey = Pesquisa
task-type-core-indicator = Indicador
